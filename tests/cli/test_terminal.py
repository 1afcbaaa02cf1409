"""What a person sees in a terminal: questions and their ends, moving progress, colour, narrow tables.

A pty is a terminal to the program, but no eye: that nothing flickers is not shown here.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pexpect
import pytest
from groundplan.cli.output import Output
from hypothesis import given
from hypothesis import strategies as st

import run_project
from terminal import GROUNDPLAN, clean_environment, end

MOVES = re.compile(r"\x1b\[(?:\?25[lh]|\d*[A-K])")
COLOURS = re.compile(r"\x1b\[[\d;]*3\d[\d;]*m")
QUESTIONS = (
    "Name of the project [churn]:",
    "[tabular-classification]:",
    "CSV file to learn from (none: breast_cancer):",
)


def typed(folder: Path, *words: str, columns: int = 80, **environment: str) -> Any:
    """``groundplan`` in a terminal of this width."""
    spawn: Any = pexpect.spawn
    env = clean_environment(TERM="xterm-256color", **environment)
    return spawn(str(GROUNDPLAN), list(words), cwd=str(folder), env=env, encoding="utf-8", timeout=120,
                 dimensions=(24, columns))  # fmt: skip


def rest(child: Any, answer: str = "") -> tuple[int | None, str]:
    """The exit code and all that was written since the last expectation, after this answer."""
    if answer:
        end(child, answer)
    else:
        child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, child.before.replace("\r\n", "\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    return tmp_path


def test_new_asks_with_defaults_that_enter_takes(tmp_path: Path) -> None:
    child = typed(tmp_path, "new")
    for question in QUESTIONS:
        child.expect_exact(question)
        child.send("\r")
    code, written = rest(child)

    assert (code, "created 14 files in churn/" in written) == (0, True)
    assert (tmp_path / "churn" / "groundplan.yaml").is_file()


@pytest.mark.parametrize("answered", range(len(QUESTIONS)))
@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_ctrl_c_and_ctrl_d_at_any_question_end_new_and_nothing_is_written(
    tmp_path: Path, answered: int, key: str
) -> None:
    child = typed(tmp_path, "new")
    for question in QUESTIONS[:answered]:
        child.expect_exact(question)
        child.send("\r")
    child.expect_exact(QUESTIONS[answered])
    code, written = rest(child, key)

    assert (code, list(tmp_path.iterdir())) == (130, [])
    assert written.splitlines()[-1] == "interrupted; nothing was changed"


def test_what_was_given_is_not_asked_for(tmp_path: Path) -> None:
    assert rest(typed(tmp_path, "new", "shop", "--defaults"))[0] == 0
    child = typed(tmp_path, "new", "prices", "--template", "tabular-regression")
    child.expect_exact("CSV file to learn from (none: diabetes):")
    assert "Name of the project" not in child.before
    child.send("\r")

    assert rest(child)[0] == 0


@pytest.mark.parametrize(
    ("answer", "last"), [("n\r", "nothing was changed"), ("\x03", "interrupted; nothing was changed")]
)
def test_a_question_that_is_refused_ends_on_a_line_of_its_own(project: Path, answer: str, last: str) -> None:
    (project / ".groundplan" / "cache").mkdir(parents=True)
    child = typed(project, "destroy")
    child.expect_exact("[y/N]:")
    code, written = rest(child, answer)

    assert (code, written.splitlines()[-1], (project / ".groundplan").is_dir()) == (130, last, True)


def test_an_interrupted_question_is_one_document_where_json_is_asked_for(project: Path) -> None:
    (project / ".groundplan" / "cache").mkdir(parents=True)
    child = typed(project, "destroy", "--format", "json")
    child.expect_exact("[y/N]:")
    code, written = rest(child, "\x03")

    document = json.loads(written[written.index("{") :])
    assert (code, document["schema"], document["ok"]) == (130, "groundplan.destroy/1", False)
    assert [error["code"] for error in document["errors"]] == ["INTERRUPTED"]


@pytest.fixture(scope="module")
def steps(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of three steps with a platform."""
    return run_project.make(tmp_path_factory.mktemp("steps"), provisioned=provisioned)


def test_a_run_is_drawn_in_place_and_left_whole_when_the_window_changes(steps: Path) -> None:
    hold = steps / "hold-b"
    hold.touch()
    child = typed(steps, "run", NO_COLOR="1")
    child.expect(r"b +running")
    child.setwinsize(24, 60)
    hold.unlink()
    code, written = rest(child)

    drawn = written[: written.index("\x1b[?25h")]
    assert code == 0
    assert [line.split()[:2] for line in MOVES.sub("", drawn).splitlines()[-4:-1]] == [
        ["a", "succeeded"], ["b", "succeeded"], ["c", "succeeded"],
    ]  # fmt: skip
    assert COLOURS.search(written) is None
    assert len(re.findall(r"^run \S+ +succeeded in", MOVES.sub("", written).replace("\r", ""), re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("words", "environment"),
    [([], {"CI": "true"}), ([], {"TERM": "dumb"}), (["--format", "json"], {}), (["--quiet"], {})],
)
def test_nothing_moves_where_nobody_looks(steps: Path, words: list[str], environment: dict[str, str]) -> None:
    spawn: Any = pexpect.spawn
    env = clean_environment(**{"TERM": "xterm", **environment})
    child = spawn(str(GROUNDPLAN), ["up", *words], cwd=str(steps), env=env, encoding="utf-8", timeout=120)
    code, written = rest(child)

    assert (code, MOVES.search(written)) == (0, None)


def test_on_a_terminal_what_is_waited_for_is_said_and_taken_away(steps: Path) -> None:
    code, written = rest(typed(steps, "up", columns=120))

    assert (code, bool(MOVES.search(written))) == (0, True)
    assert re.search(r"provisioning +\d", written)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"CLICOLOR": "0"}, False)],
)
def test_errors_are_coloured_on_a_terminal_that_wants_it(
    tmp_path: Path, environment: dict[str, str], coloured: bool
) -> None:
    spawn: Any = pexpect.spawn
    env = clean_environment(**{"TERM": "xterm", **environment})
    _, written = rest(spawn(str(GROUNDPLAN), ["status"], cwd=str(tmp_path), env=env, encoding="utf-8", timeout=120))

    assert (bool(COLOURS.search(written)), "error[NOT_FOUND]" in re.sub(r"\x1b\[[\d;]*m", "", written)) == (
        coloured,
        True,
    )


@pytest.mark.parametrize("words", [["runs"], ["models"], ["config"], ["data"]])
def test_a_bare_group_shows_its_help(tmp_path: Path, words: list[str]) -> None:
    code, written = rest(typed(tmp_path, *words))

    assert (code, "Examples:" in written, "Commands:" in written) == (0, True, True)


def test_a_row_that_is_too_wide_becomes_a_block(project: Path) -> None:
    _, written = rest(typed(project, "up", "--dry-run", columns=40))

    lines = re.sub(r"\x1b\[[\d;]*m", "", written).splitlines()
    assert lines[:3] == ["capability  workspace", "would       create", f"where       {project / '.groundplan'}"]


class Screen(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The lines of a table on a terminal of this width."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", screen := Screen())
        patch.setenv("COLUMNS", str(width))
        Output(color="never").table(columns, rows)
    return screen.getvalue().splitlines()


def test_a_cell_breaks_between_words_before_a_table_falls_apart() -> None:
    rows = [
        ("accuracy", "at least 0.9", "0.97", "ok"),
        ("champion", "better by at least -0.02 with confidence 0.95", "no champion", "not judged: nothing is replaced"),
    ]

    assert shown(("check", "expected", "found", "result"), rows, 80) == [
        "check     expected                     found        result",
        "accuracy  at least 0.9                 0.97         ok",
        "champion  better by at least -0.02     no champion  not judged: nothing is",
        "          with confidence 0.95                      replaced",
    ]


def test_a_long_value_goes_on_below_itself() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", screen := Screen())
        patch.setenv("COLUMNS", "40")
        Output(color="never").fields([("last run", "20261121-093247-2f63  train  succeeded"), ("id", "x" * 50)])

    assert screen.getvalue().splitlines() == [
        "last run  20261121-093247-2f63  train", "          succeeded", f"id        {'x' * 50}",
    ]  # fmt: skip


WORDS = st.lists(st.text("abc", min_size=1, max_size=30), min_size=1, max_size=4).map(" ".join)


@given(rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), width=st.integers(10, 120))
def test_no_word_is_ever_broken_and_none_is_lost(rows: list[tuple[str, ...]], width: int) -> None:
    lines = shown(("one", "two", "three"), rows, width)

    words = [word for line in lines for word in line.split()]
    assert sorted(word for word in words if set(word) <= set("abc")) == sorted(
        word for row in rows for cell in row for word in cell.split()
    )
    in_blocks = any(line.startswith("two ") for line in lines)
    assert in_blocks or all(len(line) <= width for line in lines)
