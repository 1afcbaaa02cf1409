"""The archive of a pipeline's code: what is in it, that it is the same everywhere, and what is refused."""

from __future__ import annotations

import base64
import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import Pipeline, Step, StepEnvironment
from groundplan.modules.vertex import step_code


def pipeline(command: tuple[str, ...] = ("true",), **changes: Any) -> Pipeline:
    step = replace(Step(name="train", command=command), **changes)
    return Pipeline(name="train", steps={"train": step}, sources={})


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"# {name}\n")


def unpacked(text: str) -> dict[str, tuple[int, str]]:
    """Mode and content of each file."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text))) as tar:
        found = {entry: tar.extractfile(entry) for entry in tar.getmembers()}
        return {entry.name: (entry.mode, file.read().decode()) for entry, file in found.items() if file is not None}


def test_it_holds_code_requirements_and_what_the_command_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        "src/train.py",
        "src/deep/er.py",
        "src/__pycache__/train.pyc",
        "run.sh",
        "requirements.txt",
        "other.py",
    )
    (tmp_path / "run.sh").chmod(0o755)
    neutral = pipeline(
        ("./run.sh", "{inputs.data}", "--other.py", "/etc/hostname", "../outside"),
        code=("src", "absent"),
        environment=StepEnvironment(requirements="requirements.txt"),
    )

    assert unpacked(step_code.archive(tmp_path, neutral)) == {
        "requirements.txt": (0o644, "# requirements.txt\n"),
        "run.sh": (0o755, "# run.sh\n"),
        "src/deep/er.py": (0o644, "# src/deep/er.py\n"),
        "src/train.py": (0o644, "# src/train.py\n"),
    }


def test_it_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path / folder, "src/b.py", "src/a.py")
    os.utime(tmp_path / "two" / "src" / "a.py", (1, 1))
    (tmp_path / "two" / "src" / "b.py").chmod(0o600)
    neutral = pipeline(code=("src",))

    assert step_code.archive(tmp_path / "one", neutral) == step_code.archive(tmp_path / "two", neutral)
    write(tmp_path / "two", "src/c.py")
    assert step_code.archive(tmp_path / "one", neutral) != step_code.archive(tmp_path / "two", neutral)


def test_a_pipeline_that_names_nothing_has_no_archive(tmp_path: Path) -> None:
    assert step_code.archive(tmp_path, pipeline(("python", "-m", "groundplan.lifecycle.baseline.train"))) == ""


def test_requirements_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        step_code.archive(tmp_path, pipeline(environment=StepEnvironment(requirements="needs.txt")))

    assert raised.value.message == "the requirements file needs.txt of step 'train' is not there"
    assert raised.value.problems[0].where == str(tmp_path / "needs.txt")


def test_code_as_large_as_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "rows.csv").write_bytes(b"0" * 5_000_000)

    with pytest.raises(UsageError) as raised:
        step_code.archive(tmp_path, pipeline(code=("src",)))

    assert raised.value.message == "the code of pipeline 'train' has 5.0 MB; Vertex AI is given 4 MB at most"


def test_code_outside_of_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    write(tmp_path, "secret.py")

    with pytest.raises(UsageError):
        step_code.archive(tmp_path / "project", pipeline(code=("../secret.py",)))
