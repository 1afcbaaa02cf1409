"""The top of the command line: help, errors, exit codes, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminal import GROUNDPLAN, clean_environment, run


def test_the_bare_command_shows_the_first_commands_and_succeeds() -> None:
    result = run()

    assert (result.returncode, result.stderr) == (0, "")
    assert "groundplan new churn" in result.stdout


def test_help_lists_every_command_file() -> None:
    files = (Path(__file__).parents[2] / "cli" / "commands").glob("[a-z]*.py")
    listed = {line.split()[0] for line in run("--help").stdout.splitlines() if line.startswith("  ") and line.split()}

    assert {file.stem.replace("_", "-") for file in files} <= listed


def test_an_unknown_command_is_a_usage_error_with_a_suggestion() -> None:
    result = run("modles")

    assert (result.returncode, result.stdout) == (2, "")
    assert "error[USAGE]: there is no command 'modles'. Did you mean 'models'?" in result.stderr


def test_an_unknown_option_is_a_usage_error_with_a_suggestion() -> None:
    result = run("doctor", "--formt", "json")

    assert result.returncode == 2
    assert "--format" in result.stderr


@pytest.mark.parametrize("arguments", [["modles", "--format", "json"], ["--format=json", "modles"]])
def test_errors_are_json_where_json_is_asked_for(arguments: list[str]) -> None:
    result = run(*arguments)

    document = json.loads(result.stdout)
    assert (result.returncode, result.stderr, document["ok"], document["data"]) == (2, "", False, None)
    assert [error["code"] for error in document["errors"]] == ["USAGE"]


def test_json_can_be_asked_for_by_the_environment(tmp_path: Path) -> None:
    result = run("status", cwd=tmp_path, env={"GROUNDPLAN_FORMAT": "json"})

    assert (result.returncode, json.loads(result.stdout)["errors"][0]["code"]) == (6, "NOT_FOUND")


def test_outside_a_project_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    result = run("status", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (6, "")
    assert "groundplan new" in result.stderr


def test_dash_c_works_before_and_after_the_command(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "groundplan.yaml").write_text("project: demo\nplatform: local\n")

    codes = [run(*words, cwd=tmp_path).returncode for words in
             (["-C", "project", "config", "validate"], ["config", "validate", "-C", "project"])]  # fmt: skip

    assert codes == [0, 0]


def test_dash_c_with_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    result = run("-C", "nowhere", "status", cwd=tmp_path)

    assert (result.returncode, "cannot work in 'nowhere'" in result.stderr) == (2, True)


def test_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    result = subprocess.run(
        ["sh", "-c", f"'{GROUNDPLAN}' --help | head -n 1"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, result.stderr) == (0, "")


def test_a_deleted_folder_is_explained(tmp_path: Path) -> None:
    result = subprocess.run(
        ["sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && exec '{GROUNDPLAN}' status"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, "Traceback" in result.stderr) == (2, False)


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_gives_no_traceback(tmp_path: Path, missing: str) -> None:
    redirect = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-"}[missing]
    result = subprocess.run(
        ["sh", "-c", f"'{GROUNDPLAN}' status {redirect}"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
    )  # fmt: skip

    assert (result.returncode, "Traceback" in result.stdout + result.stderr) == (6, False)


@pytest.mark.parametrize("language", ["C", "en_US.ISO-8859-1", ""])
def test_text_that_the_terminal_cannot_show_is_written_another_way(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "Größe→x"
    folder.mkdir()
    env = clean_environment(LANG=language, LC_ALL=language, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    result = subprocess.run([str(GROUNDPLAN), "status"], cwd=folder, env=env, capture_output=True, text=True)

    assert (result.returncode, "Traceback" in result.stderr) == (6, False)


def test_no_home_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    whose = ("HOME", "USER", "LOGNAME")
    environment = {name: value for name, value in clean_environment().items() if name not in whose}

    result = subprocess.run([str(GROUNDPLAN), "config", "validate"], cwd=tmp_path, env=environment)

    assert result.returncode == 0


def test_colour_only_where_it_is_wanted() -> None:
    plain = run("modles").stderr
    forced = run("modles", env={"FORCE_COLOR": "1"}).stderr
    refused = run("modles", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stderr

    assert ("\x1b[" in plain, "\x1b[" in forced, "\x1b[" in refused) == (False, True, False)


def test_a_bug_is_one_line_and_a_file(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from groundplan.cli import main, lazy\n"
        "def broken(*_): raise ZeroDivisionError('the secret value')\n"
        "lazy.LazyGroup.get_command = broken\n"
        "sys.argv = ['groundplan', 'status']\n"
        "main.main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=clean_environment(TMPDIR=str(tmp_path)),
        capture_output=True, text=True,
    )  # fmt: skip

    (trace,) = tmp_path.glob("groundplan-*.trace")
    assert (result.returncode, "the secret value" in result.stderr, "Traceback" in result.stderr) == (255, False, False)
    assert str(trace) in result.stderr
    assert "ZeroDivisionError" in trace.read_text()
    assert os.stat(trace).st_mode & 0o077 == 0  # noqa: PTH116
