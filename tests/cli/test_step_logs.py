"""``groundplan run --logs`` as a person types it, and logs that grow, are cut off, and begin anew."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

from groundplan.cli.progress import Progress
from groundplan.cli.step_logs import StepLogs
from groundplan.lifecycle.contract.run import Notice, StepEvent, StepRun

import run_project
import terminal


class Heard:
    """In place of a run's progress."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, text: str) -> None:
        self.lines.append(text)

    def __call__(self, event: StepEvent | Notice) -> None:
        self.lines.append(event.text if isinstance(event, Notice) else event.step.status)


def _event(log: Path | None, status: Any) -> StepEvent:
    return StepEvent(run_id="one", step=StepRun(name="fit", status=status, log=log))


def test_what_steps_print_is_shown_before_their_end_is_told(provisioned: Path, tmp_path: Path) -> None:
    root = run_project.make(tmp_path / "shop", provisioned=provisioned)

    ended = terminal.run("run", "--logs", cwd=root)

    told = ended.stderr.splitlines()
    assert ended.returncode == 0, ended.stderr
    for name in ("a", "b", "c"):
        (end,) = [number for number, line in enumerate(told) if line.split()[-2:] == [name, "succeeded"]]
        assert told.index(f"{name} | here is {name}") < end


def test_nothing_of_it_is_shown_unless_it_is_asked_for_nor_in_json(provisioned: Path, tmp_path: Path) -> None:
    root = run_project.make(tmp_path / "shop", provisioned=provisioned)

    plain = terminal.run("run", cwd=root)
    as_json = terminal.run("run", "--logs", "--force", "--format", "json", cwd=root)

    assert "here is" not in plain.stdout + plain.stderr
    assert (as_json.returncode, as_json.stderr, "here is" in as_json.stdout) == (0, "", False)


def test_a_log_is_shown_as_it_grows_and_its_last_line_without_an_end(tmp_path: Path) -> None:
    heard, log = Heard(), tmp_path / "fit.log"
    with StepLogs(cast("Progress", heard)) as shown:
        shown(_event(None, "waiting"))
        shown(_event(log, "running"))
        with log.open("w") as stream:
            stream.write("epoch 1\nepo")
            stream.flush()
            end = time.monotonic() + 60
            while "fit | epoch 1" not in heard.lines and time.monotonic() < end:
                time.sleep(0.01)
            stream.write("ch 2\nbye")
        shown(_event(log, "succeeded"))

    assert heard.lines == [
        "waiting", "running", "fit | epoch 1", "fit | epoch 2", "succeeded", "fit | bye",
    ]  # fmt: skip


def test_a_log_that_begins_anew_with_another_attempt_is_shown_from_its_beginning(tmp_path: Path) -> None:
    heard, log = Heard(), tmp_path / "fit.log"
    with StepLogs(cast("Progress", heard)) as shown:
        log.write_text("first attempt\n")
        shown(_event(log, "running"))
        log.write_text("second\n")
        shown(_event(log, "succeeded"))

    assert heard.lines == ["fit | first attempt", "running", "fit | second", "succeeded"]
