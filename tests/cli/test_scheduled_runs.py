"""Which job of a cloud's schedule a retraining adopts, and what the decision says of the others.

What the clouds list is told; tests/stories has it from the clouds' stand-ins, as a person types it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.cli import nouns
from groundplan.cli.retraining import scheduled
from groundplan.cli.retraining.subject import Subject
from groundplan.lifecycle.contract.jobs import ScheduledJob
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.contract.run import RunRequest
from groundplan.stacks.config.reading import read_stacks

import cloud_configs

NOW = datetime(2026, 11, 30, 3, 23, tzinfo=UTC)
DUE = "due since 2026-11-30T03:00:00.000Z (0 3 * * 1)"
CONFIG = (
    f"{cloud_configs.GOOGLE}environments: {{dev: , prod: }}\nmodels: {{churn: {{}}}}\n"
    "data: {target: left, sources: {main: {uri: 'gs://acme-churn/rows.csv'}}}\n"
    "retraining: {schedule: '0 3 * * 1'}\n"
)


@dataclass
class Schedules:
    """What the cloud's schedule started; ``asked`` for what times it was asked."""

    jobs: Sequence[ScheduledJob] = ()
    asked: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def started(self, request: RunRequest, *, since: str, until: str) -> Sequence[ScheduledJob]:
        self.asked.append((request.environment, since, until))
        return self.jobs


@dataclass(frozen=True)
class Platform:
    schedules: Schedules | None


def subject(folder: Path, schedules: Schedules | None, config: str = CONFIG) -> Subject:
    (folder / "groundplan.yaml").write_text(config)
    configs = read_stacks(folder)
    [plan] = nouns.model_plans(configs["dev"])
    platform = cast("Any", Platform(schedules))
    return Subject(config=configs["prod"], first=configs["dev"], platform=platform, plan=plan, champion=None)


def decision(**changes: Any) -> RetrainingDecision:
    made: dict[str, Any] = {"decision": "retrain", "trigger": "schedule", "fired": ("schedule",)}
    return RetrainingDecision(
        when="2026-11-30T03:23:00.000Z", model="churn", environment="prod", reasons={"schedule": DUE},
        **{**made, **changes},
    )  # fmt: skip


def job(name: str, minute: int, *, status: Any = "succeeded", same: bool = True) -> ScheduledJob:
    return ScheduledJob(id=f"jobs/{name}", created=f"2026-11-30T03:{minute:02d}:00.000Z", status=status, same=same)


@pytest.mark.parametrize(
    ("jobs", "adopted", "said"),
    [
        ([job("a", 0), job("b", 9)], "jobs/b", "the cloud began job b at 2026-11-30T03:09:00.000Z, which succeeded"),
        ([job("a", 0, status="running")], "jobs/a",
         "the cloud began job a at 2026-11-30T03:00:00.000Z, which goes on"),
        ([job("a", 0, status="failed"), job("b", 9, status="cancelled")], "jobs/a",
         "the cloud began job a at 2026-11-30T03:00:00.000Z, which failed"),
        ([job("a", 0), job("b", 9, same=False)], "jobs/a",
         "the cloud began job a at 2026-11-30T03:00:00.000Z, which succeeded"),
        ([job("a", 0, same=False)], None,
         "the cloud's job a ran another definition than the one that is here, and is left alone"),
        ([job("a", 0, status="cancelled")], None, "the cloud's job a was cancelled"),
        ([], None, "the cloud began no run: its schedule is paused, or not there yet"),
    ],
    ids=["the newest", "one that goes on", "one that failed", "not of another definition", "another definition alone",
         "one that was cancelled", "none"],
)  # fmt: skip
def test_the_newest_job_of_the_definition_that_is_here_is_adopted_and_the_decision_says_so(
    tmp_path: Path, jobs: Sequence[ScheduledJob], adopted: str | None, said: str
) -> None:
    schedules = Schedules(jobs)

    found = scheduled.with_job(subject(tmp_path, schedules), decision(), NOW)

    assert (found.details.get("job"), found.reasons["schedule"]) == (adopted, f"{DUE}; {said}")
    assert schedules.asked == [("dev", "2026-11-30T03:00:00.000Z", "2026-11-30T03:23:00.000Z")]


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "not now"},
        {"decision": "no", "trigger": None, "fired": ()},
        {"trigger": "drift", "fired": ("drift",)},
        {"trigger": "manual", "fired": ("manual", "schedule")},
    ],
    ids=["not now", "no", "drift alone", "a person"],
)
def test_the_cloud_is_asked_only_where_its_schedule_is_answered(tmp_path: Path, changes: dict[str, Any]) -> None:
    schedules = Schedules([job("a", 0)])
    before = decision(**changes)

    assert scheduled.with_job(subject(tmp_path, schedules), before, NOW) == before
    assert schedules.asked == []


def test_drift_at_the_time_of_the_schedule_adopts_the_run_that_is_there(tmp_path: Path) -> None:
    both = decision(trigger="drift", fired=("drift", "schedule"))

    assert scheduled.with_job(subject(tmp_path, Schedules([job("a", 0)])), both, NOW).details["job"] == "jobs/a"


@pytest.mark.parametrize(
    ("schedules", "config", "late"),
    [
        (Schedules(), CONFIG, 900.0),
        (None, CONFIG, None),
        (Schedules(), CONFIG.replace("{uri: 'gs://acme-churn/rows.csv'}", "{sklearn: iris}"), None),
    ],
    ids=["data of the cloud", "a platform without schedules", "data of the project"],
)
def test_a_schedule_that_only_a_command_can_answer_is_not_waited_for(
    tmp_path: Path, schedules: Schedules | None, config: str, late: float | None
) -> None:
    here = subject(tmp_path, schedules, config)

    assert (scheduled.plan(here).schedule, scheduled.plan(here).late_seconds) == ("0 3 * * 1", late)
    assert late is not None or scheduled.with_job(here, decision(), NOW) == decision()
