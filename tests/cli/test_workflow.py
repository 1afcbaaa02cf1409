"""The generated GitHub workflow: linted at the strictest, and its conditions evaluated.

That GitHub itself runs it is not proved here, nor that the clouds let it in: conditions are read by a small reader of
our own (workflow_kit.py). What its scripts do is shown in test_workflow_scripts.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from groundplan.modules.azureml.identity import subject
from groundplan.modules.contract.identity import FederationArguments
from groundplan.modules.vertex.federation import trust
from groundplan.stacks.config.reading import read_stacks

import workflow_kit
from workflow_kit import PUSH, pull_request, shell, started, steps

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
WORKFLOW = Path(".github/workflows/groundplan.yml")
RETRAIN = Path(".github/workflows/retrain.yml")
STACKS = ["shared", "dev", "staging", "prod"]
UPS = {f"up-{stack}" for stack in STACKS}


@pytest.fixture(params=("azureml", "vertex"))
def project(projects: Path, request: pytest.FixtureRequest) -> Path:
    return projects / request.param


@pytest.fixture
def workflow(project: Path) -> dict[str, Any]:
    return workflow_kit.read(project / WORKFLOW)


@pytest.fixture
def retraining(project: Path) -> dict[str, Any]:
    return workflow_kit.read(project / RETRAIN)


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    arguments = ["--offline", "--no-progress", "--quiet", "--persona", "auditor", "--format", "json", str(folder)]
    return subprocess.run([str(TOOLS / "zizmor"), *arguments], capture_output=True, text=True)


def actionlint(file: Path) -> subprocess.CompletedProcess[str]:
    program = ROOT / ".tools" / "bin" / "actionlint"
    if not program.exists() and not os.environ.get("CI") and shutil.which("go") is None:
        pytest.skip("actionlint is built with Go ('make actionlint'), and go is not on the PATH")
    assert program.exists(), "make actionlint"
    environment = {**os.environ, "PATH": os.pathsep.join([str(TOOLS), os.environ["PATH"]])}
    return subprocess.run([str(program), "-no-color", str(file)], env=environment, capture_output=True, text=True)


def test_zizmor_at_its_strictest_finds_nothing(project: Path) -> None:
    done = zizmor(project)

    assert (done.returncode, json.loads(done.stdout)) == (0, [])


@pytest.mark.parametrize("file", [WORKFLOW, RETRAIN], ids=lambda file: file.stem)
def test_actionlint_with_shellcheck_finds_nothing(project: Path, file: Path) -> None:
    done = actionlint(project / file)

    assert (done.returncode, done.stdout) == (0, "")


def test_shellcheck_finds_nothing_in_the_scripts(project: Path) -> None:
    scripts = sorted(map(str, (project / "infra" / "ci").glob("*.sh")))
    done = subprocess.run([str(TOOLS / "shellcheck"), *scripts], capture_output=True, text=True)

    assert [Path(one).name for one in scripts] == ["install.sh", "plan.sh", "pulumi.sh", "retrain.sh"]
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("permissions: {}", "permissions: write-all"),
        ("persist-credentials: false", "persist-credentials: true"),
        ("run: bash infra/ci/plan.sh", "run: echo ${{ github.head_ref }}"),
        (r"@[0-9a-f]{40}", "@main"),
    ],
)
def test_the_linters_would_find_what_they_are_there_to_find(
    projects: Path, tmp_path: Path, good: str, bad: str
) -> None:
    text = (projects / "vertex" / WORKFLOW).read_text()
    worse = re.sub(good.replace("{}", r"\{\}"), bad, text, count=1)
    assert worse != text
    copy = tmp_path / WORKFLOW
    copy.parent.mkdir(parents=True)
    copy.write_text(worse)

    assert zizmor(tmp_path).returncode != 0


def test_every_action_is_pinned_by_a_commit_and_says_which_version_that_is(project: Path) -> None:
    used = re.findall(r"uses: (.*)", (project / WORKFLOW).read_text() + (project / RETRAIN).read_text())

    assert len(used) > 10
    assert [one for one in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    assert len({one.partition("@")[0]: one for one in used}) == len(set(used)), "one action, one commit"


def test_nothing_is_permitted_but_what_a_job_needs(workflow: dict[str, Any]) -> None:
    permissions = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    sign_in = {"contents": "read", "id-token": "write"}

    assert workflow["permissions"] == {}
    assert permissions == {
        "plan": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "preview": sign_in,
        **dict.fromkeys(UPS, sign_in),
    }
    assert [step for step in steps(workflow) if "checkout" in step.get("uses", "")
            and step["with"]["persist-credentials"] is not False] == []  # fmt: skip


def test_there_is_no_secret_and_no_privileged_trigger(project: Path, workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) == {"pull_request", "push"}
    assert "secrets" not in (project / WORKFLOW).read_text().replace("no secrets", "")


def test_values_reach_the_shell_through_its_environment_only(workflow: dict[str, Any]) -> None:
    scripts = [step["run"] for step in steps(workflow) if "run" in step]

    assert len(scripts) > 8
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize(
    ("contexts", "jobs"),
    [
        (PUSH, UPS),
        (pull_request(), {"plan", "comment"}),
        (pull_request(preview="true"), {"plan", "comment", "preview"}),
        (pull_request(head="stranger/churn"), {"plan"}),
        (pull_request(head="stranger/churn", preview="true"), {"plan"}),
        (pull_request(user="dependabot[bot]", preview="true"), {"plan"}),
    ],
    ids=["push", "pull request", "with previews", "fork", "fork with previews", "dependabot"],
)
def test_each_event_starts_its_jobs_and_a_fork_only_the_one_without_credentials(
    workflow: dict[str, Any], contexts: Any, jobs: set[str]
) -> None:
    assert started(workflow, contexts) == jobs


def test_stacks_are_provisioned_one_after_the_other(workflow: dict[str, Any], project: Path) -> None:
    chain = [(name, workflow["jobs"][name].get("needs")) for name in workflow["jobs"] if name in UPS]

    assert chain == [("up-shared", None), ("up-dev", "up-shared"), ("up-staging", "up-dev"), ("up-prod", "up-staging")]
    assert list(read_stacks(project)) == STACKS


def test_the_jobs_that_provision_are_the_subjects_that_the_cloud_lets_in_and_no_other_is(
    workflow: dict[str, Any], project: Path
) -> None:
    federation = FederationArguments(
        provider="github", repository="acme/churn", branch="main", environments=tuple(STACKS)
    )
    let_in = {
        "azureml": {subject(federation, stack) for stack in STACKS},
        "vertex": set(trust(federation).claims["sub"]),
    }[project.name]
    subjects = {name: f"repo:acme/churn:environment:{job['environment']}"
                for name, job in workflow["jobs"].items() if "environment" in job}  # fmt: skip

    assert {name for name, asked in subjects.items() if asked in let_in} == UPS
    assert set(subjects) - UPS == {"preview"}
    assert workflow["on"]["push"]["branches"] == [federation.branch]


def test_two_merges_wait_for_each_other_and_nothing_that_provisions_is_cancelled(workflow: dict[str, Any]) -> None:
    groups = {name: job["concurrency"] for name, job in workflow["jobs"].items() if "concurrency" in job}

    assert groups == {
        f"up-{stack}": {"group": f"groundplan-up-{stack}", "cancel-in-progress": False} for stack in STACKS
    }
    assert workflow["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_training_again_waits_until_it_is_switched_on_and_acts_as_ci_of_the_first_environment(
    retraining: dict[str, Any], project: Path
) -> None:
    (job,) = retraining["jobs"].values()
    on, off = ({"github": {"event_name": "schedule"}, "vars": {"GROUNDPLAN_RETRAIN": one}} for one in ("true", ""))
    scripts = [step["run"] for step in job["steps"] if "run" in step]

    assert (started(retraining, on), started(retraining, off)) == ({"retrain"}, set[str]())
    assert set(retraining["on"]) == {"schedule", "workflow_dispatch"}
    assert (retraining["permissions"], job["permissions"]) == ({}, {"contents": "read", "id-token": "write"})
    assert (job["environment"], retraining["concurrency"]["cancel-in-progress"]) == ("dev", False)
    assert scripts == ["bash infra/ci/install.sh", "bash infra/ci/retrain.sh"]
    assert "secrets" not in (project / RETRAIN).read_text()


@pytest.mark.parametrize(
    ("monitor", "code", "called"),
    [
        (0, 0, ["monitor run --all --environment dev", "retrain --once"]),
        (4, 4, ["monitor run --all --environment dev", "retrain --once"]),
        (7, 0, ["monitor run --all --environment dev", "retrain --once"]),
        (3, 3, ["monitor run --all --environment dev"]),
    ],
    ids=["nothing alerts", "an endpoint cannot be judged", "a monitor alerts", "nobody is signed in"],
)
def test_ci_judges_what_serves_and_then_trains_what_is_due(
    projects: Path, tmp_path: Path, monitor: int, code: int, called: list[str]
) -> None:
    said = f'printf \'%s\\n\' "$*" >> called\ncase "$1" in monitor) exit {monitor} ;; esac'
    workflow_kit.program(tmp_path / "infra" / "venv" / "bin", "groundplan", said)
    script = projects / "vertex" / "infra" / "ci" / "retrain.sh"

    done = shell(f"bash {script}", cwd=tmp_path, programs=tmp_path / "bin", ENVIRONMENT="dev")

    assert (done.returncode, (tmp_path / "called").read_text().splitlines()) == (code, called), done.stderr


def test_signing_in_uses_an_identity_and_never_a_key(workflow: dict[str, Any], project: Path) -> None:
    logins = [step for step in steps(workflow) if step["name"].startswith("Sign in")]
    keys = {"azureml": {"client-id", "tenant-id", "subscription-id"},
            "vertex": {"workload_identity_provider", "service_account"}}[project.name]  # fmt: skip

    assert len(logins) == 5
    assert [set(step["with"]) for step in logins] == [keys] * 5
    assert {value for step in logins for value in step["with"].values() if not value.startswith("${{ vars.")} == set()


def test_where_provisioning_failed_ci_asks_the_cloud_why_and_only_there(
    projects: Path, tmp_path: Path, workflow: dict[str, Any]
) -> None:
    asking = {
        name: step for name, job in workflow["jobs"].items() for step in job["steps"] if "doctor" in step.get("run", "")
    }
    workflow_kit.program(tmp_path / "infra" / "venv" / "bin", "groundplan", 'echo "$@" > called')

    for step in asking.values():
        done = shell(step["run"], cwd=tmp_path, programs=tmp_path / "bin", STACK=step["env"]["STACK"])

        assert done.returncode == 0, done.stderr
        assert step["if"] == "failure() && steps.pulumi.outcome == 'failure'"
        assert (tmp_path / "called").read_text() == f"doctor --environment {step['env']['STACK']} --verbose\n"
    assert set(asking) == UPS
    assert {name: [one.get("id") for one in workflow["jobs"][name]["steps"]].count("pulumi") for name in UPS} == (
        dict.fromkeys(UPS, 1)
    )
