"""What a cloud's steps print, brought to this machine while a run is watched, where that is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import AuthenticationError
from groundplan.lifecycle.contract.run import Notice, StepEvent
from groundplan.lifecycle.patience import Pace

from runs_kit import CloudProject


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CloudProject:
    monkeypatch.setattr(Pace.__init__, "__kwdefaults__", {"first_seconds": 0, "longest_seconds": 0, "tries": 4})
    return CloudProject(tmp_path)


def test_what_a_step_printed_is_here_when_its_end_is_told(project: CloudProject) -> None:
    read: dict[str, str] = {}

    def hear(event: StepEvent | Notice) -> None:
        if isinstance(event, StepEvent) and event.step.status == "succeeded":
            assert event.step.log is not None
            read[event.step.name] = event.step.log.read_text(encoding="utf-8")

    project.runs().run(replace(project.request(), show_logs=True), hear)

    assert read == {
        "prepare": "prepare begins\npreparing with seed 7\n",
        "train": "train begins\nlearning from 3 rows\n",
    }


def test_nobody_asks_for_logs_that_nobody_wants(project: CloudProject, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(project.cloud.jobs, "log", lambda *given: asked.append(str(given)))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    project.run()

    assert asked == []


def test_who_may_not_read_logs_is_told_once_and_the_run_goes_on(
    project: CloudProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> str:
        raise AuthenticationError("the logs may not be read")

    monkeypatch.setattr(project.cloud.jobs, "log", refuse)
    heard = project.heard

    run = project.runs().run(replace(project.request(), show_logs=True), heard)

    assert run.status == "succeeded"
    assert [one for one in heard.notices if "print" in one] == [
        "what the steps print is not shown: the logs may not be read"
    ]
