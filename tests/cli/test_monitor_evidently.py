"""``groundplan monitor report --evidently``: Evidently itself makes the page, in the environment that tests have of it.

That the locked packages install is shown by ``make evidently``, which installs the same file; what a yes does here is
shown with a file that asks for nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pexpect
import pytest
from click.testing import CliRunner, Result
from groundplan.cli.main import groundplan as top
from groundplan.core import files
from groundplan.core.errors import GroundplanError, MissingExtraError, NotFoundError, ResourceFailedError, UsageError
from groundplan.core.layout import Layout
from groundplan.lifecycle import drift
from groundplan.lifecycle.contract.monitoring import MonitorReport, Window
from groundplan.lifecycle.local.monitoring.evidently import interpreter
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore

import evidently_oracle
import go_tools
import watched_project
from monitoring_kit import BEGINNING, learned
from terminal import GROUNDPLAN, clean_environment

DRIFTED = Window(start="2026-03-01T05:00:00.000Z", end="2026-03-01T06:00:00.000Z")


@pytest.fixture(scope="module")
def root(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose last window was judged."""
    made = watched_project.make(tmp_path_factory.mktemp("watched"), provisioned, start=BEGINNING)
    _judged(made, DRIFTED)
    return made


@pytest.fixture(autouse=True)
def inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOOK", "http://127.0.0.1:9/")
    monkeypatch.setenv("PATH", os.pathsep.join([str(go_tools.FOLDER), os.defpath]))
    yield
    files.remove(Layout(root).environments)


def call(*words: str) -> Result:
    return CliRunner().invoke(top, ["monitor", "report", "--evidently", *words])


def failed(*words: str) -> GroundplanError:
    error = call(*words).exception
    assert isinstance(error, GroundplanError)
    return error


def test_the_page_is_evidentlys_of_the_window_against_the_baseline_and_nobody_is_told(
    root: Path, tmp_path: Path
) -> None:
    evidently_oracle.needed()
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nenv > "{tmp_path}/seen"\nexec "{evidently_oracle.PYTHON}" "$@"\n')
    program.chmod(0o755)

    done = call("--evidently-python", str(program), "--format", "json")

    said: dict[str, Any] = json.loads(done.stdout)["data"]
    columns = {one["column"]: one for one in said["evidently"]["columns"]}
    assert (done.exit_code, said["version"], said["rows"], said["left_out"]) == (0, 1, 150, [])
    assert {name: one["method"] for name, one in columns.items()} == {
        "age": "Wasserstein distance (normed)",
        "plan": "Jensen-Shannon distance",
        "prediction": "Jensen-Shannon distance",
    }
    assert columns["age"]["value"] == pytest.approx(_ages_moved(root), rel=1e-9)
    assert said["evidently"]["drifted"] == 2
    assert "DO_NOT_TRACK=true" in (tmp_path / "seen").read_text().splitlines()
    page = Path(said["page"]).read_text()
    assert (Path(said["page"]).name, "Dataset Drift" in page) == ("evidently-churn@dev.html", True)
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=.?https?:", page) == []


def test_without_evidently_the_way_to_it_is_said_and_nothing_is_got(root: Path) -> None:
    error = failed()

    assert (type(error), error.message.partition(";")[0]) == (MissingExtraError, "Evidently is not installed")
    assert "groundplan monitor report --evidently --yes installs it below .groundplan/environments" in error.hint
    assert not Layout(root).environments.exists()


def test_in_a_terminal_it_is_asked_and_a_no_gets_nothing(root: Path) -> None:
    spawn: Any = pexpect.spawn
    words = ["monitor", "report", "--evidently"]
    child = spawn(str(GROUNDPLAN), words, cwd=str(root), env=clean_environment(), encoding="utf-8", timeout=300)
    child.expect_exact("Install Evidently below .groundplan/environments (0.7 GB)? [y/N]:")
    child.sendline("n")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 130
    assert not Layout(root).environments.exists()


def test_a_python_that_cannot_make_the_page_is_named(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")

    without, ends, is_none = (failed("--evidently-python", path) for path in (sys.executable, "/bin/false", str(text)))

    assert (type(without), type(ends), type(is_none)) == (MissingExtraError, ResourceFailedError, UsageError)
    assert without.message == f"{sys.executable} has no Evidently: No module named 'evidently'"
    assert without.hint == f"{sys.executable} -m pip install 'evidently>=0.7.23,<0.8' 'pandas<3'"
    assert ends.message == "Evidently ended with exit code 1 and made no page"
    assert is_none.message == f"{text} cannot be started: Permission denied"


def test_a_yes_makes_the_environment_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = tmp_path / "requirements.txt"
    nothing.write_text("# nothing\n")
    monkeypatch.setattr(interpreter, "REQUIREMENTS", nothing)

    first = failed("--yes")
    (made,) = Layout(root).environments.glob("evidently-*/")
    built = (made / "pyvenv.cfg").stat().st_mtime_ns
    again = failed()

    assert (made / "pyvenv.cfg").stat().st_mtime_ns == built
    assert first.message == again.message == f"{made}/bin/python has no Evidently: No module named 'evidently'"


def test_what_cannot_be_installed_is_said_in_the_installers_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "requirements.txt"
    wrong.write_text("./no-such-folder\n")
    monkeypatch.setattr(interpreter, "REQUIREMENTS", wrong)

    error = failed("--yes")

    assert isinstance(error, ResourceFailedError)
    assert re.match(r"Evidently could not be installed: .*no-such-folder", error.message)


def test_a_window_that_the_log_has_lost_is_said(root: Path) -> None:
    _judged(root, Window(start="2026-03-01T06:00:00.000Z", end="2026-03-01T07:00:00.000Z"))
    try:
        error = failed("--evidently-python", sys.executable)
    finally:
        (Layout(root).monitoring / "churn@dev" / "reports.jsonl").unlink()
        _judged(root, DRIFTED)

    assert isinstance(error, NotFoundError)
    assert error.message == "the log has no inputs of version 1 in the window from 2026-03-01T06:00:00.000Z"


def _judged(root: Path, window: Window) -> None:
    report = MonitorReport(endpoint="churn", environment="dev", model="churn", version=1, window=window, rows=150,
                           labelled=0, checks=())  # fmt: skip
    LocalMonitorStore(Layout(root)).keep(report)


def _ages_moved(root: Path) -> float:
    """The distance of the window's ages from those that the baseline keeps, in the deviations of these."""
    sample = np.array(learned().features[0].sample)
    requests = LocalMonitorStore(Layout(root)).requests("churn", "dev")
    lines = requests.within(DRIFTED, "2026-03-02T00:00:00.000Z")
    return drift.wasserstein(sample, np.array([line["inputs"][0]["age"] for line in lines]), float(np.std(sample)))
