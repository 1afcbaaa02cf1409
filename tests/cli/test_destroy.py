"""``groundplan destroy`` asks: what it shows, what no answer and Ctrl-C do. What it stops is shown in test_up.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pexpect
import pytest
from groundplan.cli.sizes import for_people

from terminal import GROUNDPLAN, clean_environment, end, run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with something to lose; destroy does not ask who made it."""
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    (tmp_path / ".groundplan" / "cache").mkdir(parents=True)
    (tmp_path / ".groundplan" / "cache" / "output.csv").write_text("x" * 1500)
    return tmp_path


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [("y\n", 0, False), ("n\n", 130, True), ("\n", 130, True), ("\x03", 130, True)],
)
def test_on_a_terminal_it_shows_what_goes_and_asks(project: Path, answer: str, code: int, left: bool) -> None:
    spawn: Any = pexpect.spawn
    child = spawn(
        str(GROUNDPLAN), ["destroy"], cwd=str(project), env=clean_environment(), encoding="utf-8", timeout=120
    )
    child.expect("cache  the cache of steps  1.5 kB")
    child.expect(r"Remove all of this from demo\? \[y/N\]")
    end(child, answer)
    child.close()

    assert (child.exitstatus, (project / ".groundplan").exists()) == (code, left)


@pytest.mark.parametrize("environment", [{}, {"CI": "true"}])
def test_where_nobody_can_answer_it_names_the_flag(project: Path, environment: dict[str, str]) -> None:
    result = run("destroy", cwd=project, env=environment)

    assert (result.returncode, result.stdout, (project / ".groundplan").exists()) == (2, "", True)
    assert "groundplan destroy --yes" in result.stderr


def test_yes_can_be_said_by_the_environment_and_twice_is_fine(project: Path) -> None:
    codes = [run("destroy", cwd=project, env={"GROUNDPLAN_YES": "1"}).returncode for _ in range(2)]

    assert (codes, sorted(path.name for path in project.iterdir())) == ([0, 0], ["groundplan.yaml"])


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (12_000_000, "12 MB"),
     (10**16, "10000 TB")],
)  # fmt: skip
def test_sizes_have_a_unit_and_few_digits(size: int, text: str) -> None:
    assert for_people(size) == text
