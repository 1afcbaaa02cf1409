"""Which files of the project a pipeline brings to Azure ML. Not proved: the upload itself, which needs an account."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import Pipeline, Step
from groundplan.modules.azureml import step_code


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("src/prepare.py", "src/lib/table.py", "src/__pycache__/prepare.pyc", "tools/fit it.py", "other.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n", encoding="utf-8")
    return tmp_path


def pipeline(*steps: Step) -> Pipeline:
    return Pipeline(name="train", steps={one.name: one for one in steps}, sources={})


PREPARE = Step(name="prepare", command=("python", "src/prepare.py", "--to={outputs.x}"), code=("src", "gone"))
FIT = Step(name="fit", command=("python", "tools/fit it.py", "-v"))
MODULE = Step(name="module", command=("python", "-m", "json.tool"))


def test_the_code_is_what_steps_name_and_what_their_commands_run(root: Path) -> None:
    assert step_code.paths(root, pipeline(PREPARE, FIT, MODULE)) == {
        "prepare": ("src",), "fit": ("tools/fit it.py",), "module": (),
    }  # fmt: skip


def test_the_version_changes_with_the_code_and_with_nothing_else(root: Path) -> None:
    paths = step_code.paths(root, pipeline(PREPARE, FIT))
    first = step_code.version(root, paths)
    (root / "other.txt").write_text("changed", encoding="utf-8")
    (root / "src/__pycache__/prepare.pyc").write_text("changed", encoding="utf-8")

    assert step_code.version(root, paths) == first
    (root / "src/lib/table.py").write_text("changed", encoding="utf-8")
    assert step_code.version(root, paths) != first


def test_the_upload_keeps_the_projects_folders_and_quotes_names(root: Path) -> None:
    paths = step_code.paths(root, pipeline(PREPARE, FIT))

    assert step_code.upload(root, paths, account="stchurn", container="artifacts", folder="code/train/1") == (
        "az storage blob upload-batch --auth-mode login --account-name stchurn --overwrite --source src"
        " --destination artifacts --destination-path code/train/1/src"
        " && az storage blob upload --auth-mode login --account-name stchurn --overwrite --file 'tools/fit it.py'"
        " --container-name artifacts --name 'code/train/1/tools/fit it.py'"
    )


def test_code_outside_the_project_is_refused(root: Path) -> None:
    with pytest.raises(UsageError, match="leaves"):
        step_code.paths(root, pipeline(Step(name="fit", command=("true",), code=("../elsewhere",))))


def test_a_command_cannot_smuggle_in_a_file_from_elsewhere(root: Path) -> None:
    outside = root.parent / "secret.txt"
    outside.write_text("x", encoding="utf-8")
    one = Step(name="fit", command=("cat", "../secret.txt", str(outside), "x" * 5000))

    assert step_code.paths(root, pipeline(one)) == {"fit": ()}
