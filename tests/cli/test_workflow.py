"""The generated GitHub workflow: linted at the strictest, its conditions evaluated, its shell run with hostile values.

That GitHub itself runs it is not proved here, nor that the clouds let it in: conditions are read by a small reader of
our own (workflow_kit.py), and ``gh``, ``uv`` and ``pulumi`` are stand-ins.
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
from terminal import GROUNDPLAN, call
from workflow_kit import PUSH, pull_request, shell, started, steps

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
WORKFLOW = Path(".github/workflows/groundplan.yml")
RETRAIN = Path(".github/workflows/retrain.yml")
ACCOUNT = {
    "azureml": [
        "region=westeurope", "subscription=00000000-0000-4000-8000-000000000001",
        "tenant=00000000-0000-4000-8000-0000000000aa",
    ],
    "vertex": ["region=europe-west4", "cloud_project=acme-churn"],
}  # fmt: skip
STACKS = ["shared", "dev", "staging", "prod"]
UPS = {f"up-{stack}" for stack in STACKS}
HOSTILE = [
    "$(touch owned)", "`touch owned`", "; touch owned", '"; touch owned; "', "'; touch owned; '", "x\ntouch owned",
    "${{ github.token }}", "--help", "../../etc/passwd", "a b", "*", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project on each cloud, named like it."""
    folder = tmp_path_factory.mktemp("projects")
    for platform, answers in ACCOUNT.items():
        settings = [word for answer in (*answers, "repository=acme/churn") for word in ("--set", answer)]
        done = call("new", platform, "--platform", platform, *settings, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(params=ACCOUNT)
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
        (0, 0, ["monitor run --environment dev", "retrain --due"]),
        (6, 0, ["monitor run --environment dev", "retrain --due"]),
        (7, 0, ["monitor run --environment dev", "retrain --due"]),
        (3, 3, ["monitor run --environment dev"]),
    ],
    ids=["nothing alerts", "nothing is deployed", "a monitor alerts", "nobody is signed in"],
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


def comment_script(project: Path) -> str:
    (step,) = workflow_kit.read(project / WORKFLOW)["jobs"]["comment"]["steps"][1:]
    return step["run"]


GH = """printf '%s\\n' "$*" >> calls
case "$*" in *--paginate*) cat answer ;; esac"""


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("", "api --method POST repos/acme/churn/issues/7/comments --field body=@comment.md"),
        ("11\n12\n", "api --method PATCH repos/acme/churn/issues/comments/11 --field body=@comment.md"),
    ],
)
def test_the_comment_is_written_once_and_then_anew(projects: Path, tmp_path: Path, answer: str, written: str) -> None:
    workflow_kit.program(tmp_path / "bin", "gh", GH)
    (tmp_path / "answer").write_text(answer)

    done = shell(comment_script(projects / "vertex"), cwd=tmp_path, programs=tmp_path / "bin",
                 REPOSITORY="acme/churn", NUMBER="7", GH_TOKEN="t")  # fmt: skip

    assert done.returncode == 0, done.stderr
    asked, sent = (tmp_path / "calls").read_text().splitlines()
    assert asked.startswith("api --paginate repos/acme/churn/issues/7/comments --jq .[] | select(.user.login")
    assert 'startswith("<!-- groundplan-plan -->")' in asked
    assert sent == written


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_of_a_pull_request_is_run(projects: Path, tmp_path: Path, value: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(projects / "azureml", project)
    for name in ("gh", "uv", "pulumi"):
        workflow_kit.program(tmp_path / "bin", name, "cat answer 2> /dev/null || true")
    workflow_kit.program(project / "infra" / "venv" / "bin", "groundplan", "echo planned")
    (project / "answer").write_text(f"{value}\n")
    out, summary = tmp_path / "out", tmp_path / "summary"

    for script, variables in (
        (comment_script(project), {"REPOSITORY": value, "NUMBER": value, "GH_TOKEN": value}),
        ("bash infra/ci/plan.sh", {"BASE": value, "FROM_A_FORK": value, "OUT": str(out),
                                   "GITHUB_STEP_SUMMARY": str(summary)}),
        ("bash infra/ci/pulumi.sh", {"COMMAND": value, "STACK": value}),
        ("bash infra/ci/pulumi.sh", {"COMMAND": "up", "STACK": value}),
        ("bash infra/ci/install.sh", {}),
    ):  # fmt: skip
        shell(script, cwd=project, programs=tmp_path / "bin", **variables)

    assert list(tmp_path.rglob("owned")) == []
    assert (out / "comment.md").read_text() == "<!-- groundplan-plan -->\nplanned\n"


def with_backend(projects: Path, folder: Path, *, url: str, key: str = "") -> Path:
    project = folder / "project"
    shutil.copytree(projects / "vertex", project)
    (project / "infra" / "Pulumi.yaml").write_text(f'name: vertex\nbackend:\n  url: "{url}"\n')
    (project / "infra" / "Pulumi.dev.yaml").write_text(f"secretsprovider: gcpkms://k\n{key}")
    workflow_kit.program(folder / "bin", "pulumi", "printf '%s\\n' \"$*\" > called")
    return project


@pytest.mark.parametrize(
    ("url", "key", "command", "said"),
    [
        ("file://../.groundplan/cloud-state", "encryptedkey: QUJD\n", "up", "The state is kept in a folder of one"),
        ("gs://acme", "", "up", "This stack has no key yet"),
        ("gs://acme", "encryptedkey: QUJD\n", "destroy", "The command is neither preview nor up"),
    ],
)
def test_ci_says_what_is_missing_instead_of_starting_the_engine(
    projects: Path, tmp_path: Path, url: str, key: str, command: str, said: str
) -> None:
    project = with_backend(projects, tmp_path, url=url, key=key)

    done = shell("bash infra/ci/pulumi.sh", cwd=project, programs=tmp_path / "bin", COMMAND=command, STACK="dev")

    assert done.returncode == 1
    assert done.stdout.startswith(f"::error::{said}")
    assert not (project / "called").exists()


@pytest.mark.parametrize(
    ("command", "called"),
    [
        ("preview", "--cwd infra --non-interactive preview --diff --stack dev"),
        ("up", "--cwd infra --non-interactive up --yes --suppress-outputs --stack dev"),
    ],
)
def test_ci_runs_pulumi_on_the_stack_and_shows_no_outputs(
    projects: Path, tmp_path: Path, command: str, called: str
) -> None:
    project = with_backend(projects, tmp_path, url="gs://acme", key="encryptedkey: QUJD\n")

    done = shell("bash infra/ci/pulumi.sh", cwd=project, programs=tmp_path / "bin", COMMAND=command, STACK="dev")

    assert done.returncode == 0, done.stderr
    assert (project / "called").read_text() == f"{called}\n"


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


def test_ci_installs_by_hash_or_says_how_the_lock_is_made(projects: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(projects / "vertex", project)
    workflow_kit.program(tmp_path / "bin", "uv", 'printf \'%s %s\\n\' "$*" "${UV_FIND_LINKS:-}" >> called')

    without = shell("bash infra/ci/install.sh", cwd=project, programs=tmp_path / "bin")
    for lock in ("requirements.lock", "retraining.lock"):
        (project / "infra" / lock).write_text("groundplan==0.1.0 --hash=sha256:0\n")
    (project / "infra" / "wheels").mkdir()
    done = shell("bash infra/ci/install.sh", cwd=project, programs=tmp_path / "bin")
    again = shell("bash infra/ci/install.sh", cwd=project, programs=tmp_path / "bin", LOCK="infra/retraining.lock")

    assert (without.returncode, without.stdout) == (
        1, "::error::infra/requirements.lock is missing; infra/README.md says how it is made\n",
    )  # fmt: skip
    assert (done.returncode, again.returncode) == (0, 0)
    assert (project / "called").read_text().splitlines() == [
        line
        for lock in ("requirements.lock", "retraining.lock")
        for line in (
            "venv --seed --python 3.12 infra/venv infra/wheels",
            f"pip install --python infra/venv --require-hashes --requirement infra/{lock} infra/wheels",
        )
    ]


def test_a_pull_request_is_planned_against_what_it_is_merged_into(projects: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(projects / "vertex", project)
    config = project / "groundplan.yaml"
    config.write_text(config.read_text().partition("environments:")[0] + "environments:\n  dev:\n")
    shutil.copytree(project, tmp_path / "base")
    (project / ".groundplan").mkdir()
    (tmp_path / "base").rename(project / ".groundplan" / "base")
    (project / "infra" / "venv" / "bin").mkdir(parents=True)
    (project / "infra" / "venv" / "bin" / "groundplan").symlink_to(GROUNDPLAN)
    config.write_text(config.read_text().replace("risk_tier: limited", "risk_tier: high"))

    done = shell(
        "bash infra/ci/plan.sh", cwd=project, programs=tmp_path, BASE=".groundplan/base", FROM_A_FORK="true",
        OUT=str(tmp_path / "out"), GITHUB_STEP_SUMMARY=str(tmp_path / "summary"), HOME=str(tmp_path),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    comment = (tmp_path / "out" / "comment.md").read_text()
    assert comment.startswith("<!-- groundplan-plan -->\n> This pull request comes from a fork: it is planned offline")
    assert "risk-tier" in comment
    assert len(comment.encode()) < 65_000
    assert (tmp_path / "summary").read_text() == comment
