"""What counts as a step's code, and what git says of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError, UsageError
from groundplan.lifecycle.contract.pipeline import Step
from groundplan.lifecycle.local.running import code_version


def git(root: Path, *words: str) -> str:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *settings, *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def of(root: Path, *command: str, code: tuple[str, ...] = ("src",)) -> dict[str, str]:
    return code_version.of_step(root, Step(name="a", command=command, code=code))


def test_code_is_the_named_paths_and_the_files_in_the_command(tmp_path: Path) -> None:
    for name in ("src/a.py", "job.py", "other.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    found = of(tmp_path, "python", "job.py", "--x", "{inputs.y}", "/etc/hosts", "../x", "", code=("src", "lib"))

    assert set(found) == {"src", "lib", "job.py"}
    assert found["lib"] == "absent"


@pytest.mark.parametrize(
    ("name", "counts"),
    [("src/new.py", True), ("src/data.json", True), ("src/__pycache__/a.pyc", False), ("elsewhere.py", False)],
)
def test_a_new_file_counts_unless_it_is_generated_or_elsewhere(tmp_path: Path, name: str, counts: bool) -> None:
    (tmp_path / "src").mkdir()
    before = of(tmp_path, "python")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x")

    assert (of(tmp_path, "python") != before) == counts


def test_code_outside_the_project_or_behind_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "link.py").symlink_to("/etc/hosts")

    with pytest.raises(GroundplanError, match=r"a link where files are expected: .*link\.py"):
        of(tmp_path, "python")
    with pytest.raises(UsageError, match="leaves"):
        of(tmp_path, "python", code=("../other",))


def test_commit_and_changes_are_told_for_the_project_folder_alone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("1")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "x")
    commit = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "elsewhere").write_text("1")
    (project / ".groundplan").mkdir()
    (project / ".groundplan" / "run.json").write_text("1")

    clean = code_version.of_steps(project, {})
    (project / "a.py").write_text("2")
    changed = code_version.of_steps(project, {})

    assert [(one.commit, one.dirty) for one in (clean, changed)] == [(commit, False), (commit, True)]


def test_a_program_that_the_repository_names_is_not_started(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "evil").write_text("#!/bin/sh\ntouch was-here\n")
    (tmp_path / "evil").chmod(0o755)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "x")
    git(tmp_path, "config", "core.fsmonitor", "./evil")

    code_version.of_steps(tmp_path, {})

    assert not (tmp_path / "was-here").exists()


def test_without_git_or_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = code_version.of_steps(tmp_path, {})
    monkeypatch.setenv("PATH", str(tmp_path))
    without = code_version.of_steps(tmp_path, {})

    assert [(one.commit, one.dirty) for one in (outside, without)] == [("", False)] * 2


def test_installed_packages_are_told_with_their_versions() -> None:
    import importlib.metadata

    found = code_version.packages()

    assert found["pytest"] == importlib.metadata.version("pytest")
    assert found["ruamel-yaml"] == importlib.metadata.version("ruamel.yaml")
