"""Isolated steps: an environment of their own, built once, whole or not at all.

Nothing is fetched: what a package registry serves, and uv instead of pip, are not shown here.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from groundplan.core.errors import StepFailedError, UsageError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import Step, StepEnvironment

from pipeline_kit import Project, step

LOOK = "import json, os, sys; json.dump([sys.prefix, os.path.exists(sys.prefix)], open('seen', 'w'))"


def isolated(requirements: str | None = "needs.txt") -> Step:
    return step("look", LOOK, environment=StepEnvironment(requirements=requirements, isolated=True), cache=False)


def test_an_isolated_step_runs_in_an_environment_that_is_built_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project = Project(tmp_path)
    (tmp_path / "needs.txt").write_text("# nothing\n")
    project.run(isolated())
    (environment,) = Layout(tmp_path).environments.iterdir()
    built = (environment / "groundplan-ready").stat().st_mtime_ns
    project.run(isolated())

    assert json.loads((tmp_path / "seen").read_text()) == [str(environment), True]
    assert [path.name for path in Layout(tmp_path).environments.iterdir()] == [environment.name]
    assert (environment / "groundplan-ready").stat().st_mtime_ns == built


def test_what_cannot_be_installed_fails_with_the_installers_words_and_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    project = Project(tmp_path)
    (tmp_path / "needs.txt").write_text("./no-such-folder\n")

    with pytest.raises(StepFailedError) as caught:
        project.run(isolated())

    assert "step 'look' failed: its environment could not be built (python: exit code 1)" in caught.value.message
    assert "no-such-folder" in caught.value.problems[0].excerpt
    assert not list(Layout(tmp_path).environments.glob("*/groundplan-ready"))


def test_a_requirements_file_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    project = Project(tmp_path)

    with pytest.raises(UsageError, match=r"the requirements file needs\.txt is not there"):
        project.run(isolated())

    assert list(project.runs.list()) == []
