"""The scripts of the generated GitHub workflow, run as GitHub runs them, with hostile values too.

``gh``, ``uv`` and ``pulumi`` are stand-ins: that GitHub and the clouds take what is sent is not proved here.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.local.platform import LocalPlatform

import loop_kit
import workflow_kit
from terminal import GROUNDPLAN, call
from workflow_kit import shell

ROOT = Path(__file__).parents[2]
WORKFLOW = Path(".github/workflows/groundplan.yml")
HOSTILE = [
    "$(touch owned)", "`touch owned`", "; touch owned", '"; touch owned; "', "'; touch owned; '", "x\ntouch owned",
    "${{ github.token }}", "--help", "../../etc/passwd", "a b", "*", "",
]  # fmt: skip


BROKEN = """\
  broken:
    steps:
      fit:
        command: python train.py {inputs.data} {outputs.model} {outputs.test}
        inputs: {data: data.main}
        outputs: {model: model, test: dataset}
models:
  broken: {pipeline: broken, output: fit.model, test: fit.test}
  churn: {pipeline: train, output: train.model, test: train.test}
endpoints: {broken: {}, churn: {}}
"""


@pytest.fixture(scope="module")
def two_models(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models in dev whose data has changed; each is to be trained again, the first by a step that fails now."""
    root = loop_kit.make(tmp_path_factory.mktemp("two") / "churn", provisioned=provisioned)
    config = root / "groundplan.yaml"
    config.write_text(re.sub(r"models: .*\n", BROKEN, config.read_text()))
    for name, pipeline in (("broken", "broken"), ("churn", "train")):
        for arguments in (("run", pipeline), ("models", "promote", name)):
            done = call(*arguments, cwd=root)
            assert done.returncode == 0, done.stderr
        LocalPlatform(Layout(root)).retrainings.keep(
            RetrainingDecision(
                id=f"20260101T000000-{name}", when="2026-01-01T00:00:00.000Z", who="ada", model=name, environment="dev",
                decision="retrain", trigger="drift", reasons={"drift": "the data has drifted"}, fired=("drift",),
            )
        )  # fmt: skip
    config.write_text(
        config.read_text().replace("fit:\n        command: python train.py", "fit:\n        command: no.py")
    )
    loop_kit.write_rows(root, cut=0.5)
    return root


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


def test_ci_gives_every_endpoint_and_every_model_its_turn_whatever_fails_before(
    two_models: Path, projects: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(two_models, tmp_path / "project")
    (project / "infra" / "venv" / "bin").mkdir(parents=True)
    (project / "infra" / "venv" / "bin" / "groundplan").symlink_to(GROUNDPLAN)
    script = projects / "azureml" / "infra" / "ci" / "retrain.sh"

    done = shell(f"bash {script}", cwd=project, programs=tmp_path, ENVIRONMENT="dev", HOME=str(tmp_path))

    assert done.returncode == 4, done.stderr
    assert "no endpoint is deployed" in done.stdout
    assert "step 'fit' failed" in done.stderr
    known = LocalPlatform(Layout(project)).retrainings
    assert [known.decisions(name)[-1].outcome for name in ("broken", "churn")] == ["failed", "won"]


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
