"""``groundplan run`` and ``groundplan runs``: what they take, say and give, from data to a judged model."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pexpect
import pytest
from groundplan.core.exit_codes import ExitCode

import run_project
import terminal

HEAVY = ("alembic", "mlflow", "numpy", "pandas", "scipy", "sklearn", "skops", "sqlalchemy")


@pytest.fixture(scope="module")
def root(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A provisioned project with two finished runs; the second with another seed."""
    root = run_project.make(tmp_path_factory.mktemp("runs") / "shop", provisioned=provisioned)
    for arguments in ([], ["--set", "a.seed=2"]):
        assert terminal.run("run", *arguments, cwd=root).returncode == ExitCode.DONE
    return root


@pytest.fixture
def failing(root: Path) -> Iterator[Path]:
    """Runs fail at step b, and step a has something new to do; nothing of it stays."""
    before = set((root / ".groundplan" / "runs").iterdir())
    rows = (root / "rows.csv").read_text()
    (root / "rows.csv").write_text(f"{rows}{time.monotonic_ns()},1\n")
    (root / "fail-b").touch()
    yield root
    (root / "fail-b").unlink()
    (root / "rows.csv").write_text(rows)
    for run in set((root / ".groundplan" / "runs").iterdir()) - before:
        shutil.rmtree(run)


def data(*arguments: str, cwd: Path, code: ExitCode = ExitCode.DONE) -> Any:
    ended = terminal.run(*arguments, "--format", "json", cwd=cwd)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return json.loads(ended.stdout)


def test_nothing_changed_says_so_and_imports_nothing_heavy(root: Path) -> None:
    latest = data("runs", "list", cwd=root)["data"]["runs"][0]["id"]
    program = (
        "import sys; sys.argv = ['groundplan', 'run', '--set', 'a.seed=2']\n"
        "from groundplan.cli import main\n"
        "try: main.main()\n"
        f"finally: print(sorted(set(sys.modules) & set({HEAVY!r})))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=terminal.clean_environment(), capture_output=True, text=True
    )

    assert ended.returncode == 0
    assert ended.stdout == f"run {latest}  succeeded before; nothing changed since, nothing was run\n[]\n"
    assert ended.stderr.splitlines()[0] == f"nothing changed since run {latest}"


def test_messages_go_to_standard_error_one_line_per_change(root: Path, failing: Path) -> None:
    ended = terminal.run("run", "--jobs", "1", cwd=root)

    said = [re.sub(r"^ *\d+\.\d s  ", "", line) for line in ended.stderr.splitlines()]
    assert said[:7] == [
        "a  running", "a  succeeded", "b  running", "b  failed: exit code 3", "c  skipped",
        "error[STEP_FAILED]: step 'b' failed: exit code 3",
        f"  --> {root}/.groundplan/runs/{data('runs', 'show', cwd=root)['data']['run']['id']}/logs/b.log",
    ]  # fmt: skip
    assert ended.stdout == ""


def test_quiet_and_json_say_nothing_else(root: Path) -> None:
    quiet = terminal.run("run", "--quiet", "--set", "a.seed=2", cwd=root)
    document = terminal.run("run", "--format", "json", "--set", "a.seed=2", cwd=root)

    assert (quiet.stderr, document.stderr) == ("", "")
    found = json.loads(document.stdout)
    assert (found["schema"], found["ok"], found["data"]["unchanged"]) == ("groundplan.run/1", True, True)
    assert set(found["data"]["steps"]) == {"a", "b", "c"}
    assert found["data"]["metrics"] == {"c.rows": 3.0}


def test_on_a_terminal_the_steps_are_shown_in_place(root: Path, failing: Path) -> None:
    shell: Any = cast("Any", pexpect).spawn(
        str(terminal.GROUNDPLAN), ["run"], cwd=str(root), encoding="utf-8", timeout=120,
        env=terminal.clean_environment(TERM="xterm", NO_COLOR="1"), dimensions=(30, 100),
    )  # fmt: skip
    shell.expect(pexpect.EOF)
    shell.close()

    assert shell.exitstatus == ExitCode.RESOURCE_FAILED
    assert "\x1b[2K" in shell.before
    assert re.search(r"a +succeeded +\d", shell.before)
    assert re.search(r"b +failed: exit code 3", shell.before)


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        (["trian"], ExitCode.NOT_FOUND, "there is no pipeline 'trian'", "Did you mean 'train'?"),
        (["--set", "seed=1"], ExitCode.USAGE, "--set takes STEP.PARAMETER=VALUE, not 'seed=1'", ""),
        (["--set", "aa.seed=1"], ExitCode.NOT_FOUND, "the pipeline has no step 'aa'", "Did you mean 'a'?"),
        (["--set", "a.sede=1"], ExitCode.NOT_FOUND, "step 'a' has no parameter 'sede'", "Did you mean 'seed'?"),
        (["--set", "a.seed=one"], ExitCode.USAGE, "--set a.seed=one: a number is expected", "The config says 1."),
        (["--set", "a.seed=true"], ExitCode.USAGE, "--set a.seed=true: a number is expected", "The config says 1."),
        (["--set", "a.seed=NaN"], ExitCode.USAGE, "--set a.seed=NaN: a number is expected", "The config says 1."),
        (["--override-by", "ada"], ExitCode.USAGE, "an override names a person and a reason", "--override-by"),
        (["--reason", "x"], ExitCode.USAGE, "an override names a person and a reason", "--override-by"),
        (["--jobs", "0"], ExitCode.USAGE, "Invalid value for '-j' / '--jobs'", ""),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_before_anything_starts(
    root: Path, arguments: list[str], code: ExitCode, message: str, hint: str
) -> None:
    before = set((root / ".groundplan" / "runs").iterdir())

    found = data("run", *arguments, cwd=root, code=code)["errors"][0]

    assert found["message"].startswith(message)
    assert found["hint"].startswith(hint)
    assert set((root / ".groundplan" / "runs").iterdir()) == before


def test_runs_are_listed_filtered_and_shown(root: Path) -> None:
    listed = data("runs", "list", "--limit", "1", cwd=root)["data"]
    none = terminal.run("runs", "list", "--status", "failed", cwd=root)
    shown = data("runs", "show", "latest", cwd=root)["data"]["run"]

    assert (len(listed["runs"]), listed["total"] >= 2) == (1, True)
    assert (none.returncode, none.stdout) == (0, "no run matches\n")
    assert (shown["id"], shown["user"], shown["status"]) == (listed["runs"][0]["id"], "tester", "succeeded")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown["started"])
    assert set(shown["data"]) == {"main"}
    assert shown["mlflow_run_id"]
    assert "config      sha256:" in terminal.run("runs", "show", cwd=root).stdout


def test_two_runs_are_compared(root: Path) -> None:
    newest_first = [run["id"] for run in data("runs", "list", cwd=root)["data"]["runs"]]
    first, second = newest_first[-1], newest_first[-2]

    found = data("runs", "compare", first, second, cwd=root)["data"]

    assert found["metrics"] == [{"name": "c.rows", "a": 3.0, "b": 3.0, "difference": 0.0}]
    assert found["parameters"] == [{"name": "a.seed", "a": 1, "b": 2, "changed": True}]
    assert found["changed"] == {"data": False, "code": False, "config": False, "packages": False}
    text = terminal.run("runs", "compare", first, second, cwd=root).stdout.splitlines()
    assert [line.split() for line in text[1:3]] == [["c.rows", "3", "3", "+0"], ["a.seed", "1", "2", "changed"]]


def test_logs_are_printed_and_a_wrong_step_is_suggested(root: Path) -> None:
    first = data("runs", "list", cwd=root)["data"]["runs"][-1]["id"]

    assert terminal.run("runs", "logs", first, "b", cwd=root).stdout == "here is b\n"
    assert terminal.run("runs", "logs", first, cwd=root).stdout == "".join(f"--- {x}\nhere is {x}\n" for x in "abc")
    assert data("runs", "logs", first, "d", cwd=root, code=ExitCode.NOT_FOUND)["errors"][0]["hint"] == "Known: a, b, c."


def test_a_damaged_record_is_shown_and_stops_no_command(root: Path) -> None:
    run_id = data("runs", "list", cwd=root)["data"]["runs"][-1]["id"]
    record = root / ".groundplan" / "runs" / run_id / "run.json"
    whole = record.read_bytes()
    record.write_bytes(whole[:100])
    try:
        listed = terminal.run("runs", "list", cwd=root)
        shown = data("runs", "show", run_id, cwd=root, code=ExitCode.ERROR)
        again = terminal.run("run", "--set", "a.seed=2", cwd=root)
    finally:
        record.write_bytes(whole)

    assert f"warning: run {run_id}: " in listed.stderr
    assert shown["errors"][0]["code"] == "STORE_CORRUPTED"
    assert (listed.returncode, again.returncode) == (0, 0)


def test_from_two_lines_of_config_to_a_judged_model(tmp_path: Path) -> None:
    config = tmp_path / "groundplan.yaml"
    config.write_text("project: demo\nplatform: local\ndata: {sources: {main: {sklearn: breast_cancer}}}\n")
    first = data("run", cwd=tmp_path)["data"]
    same = data("run", cwd=tmp_path)["data"]
    with config.open("a") as stream:
        stream.write("evaluation: {metrics: {accuracy: {min: 0.9999}}}\n")
    refused = terminal.run("run", cwd=tmp_path)
    failed = data("run", cwd=tmp_path, code=ExitCode.GATE_FAILED)
    forced = data("run", "--override-by", "ada", "--reason", "a trial", cwd=tmp_path)["data"]

    assert [(one["model"], one["passed"], one["version"]) for one in first["models"]] == [("demo", True, 1)]
    assert (same["run"], same["unchanged"], same["models"][0]["unchanged"]) == (first["run"], True, True)
    assert refused.returncode == ExitCode.GATE_FAILED
    assert re.search(r"^accuracy +at least 0\.9999 .* FAILED", refused.stdout, re.MULTILINE)
    assert refused.stdout.endswith("refused: demo does not pass the gate of dev\n")
    assert (failed["ok"], failed["errors"][0]["code"]) == (False, "GATE_FAILED")
    assert failed["errors"][0]["message"] == "model 'demo' does not pass the gate of dev: accuracy"
    assert (forced["models"][0]["passed"], forced["models"][0]["version"] is not None) == (False, True)
    assert data("runs", "show", cwd=tmp_path)["data"]["run"]["models"] == {"demo": f"v{forced['models'][0]['version']}"}
