"""Runs that a cloud's own schedule began: which one a decision is carried out with, and that it is adopted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...core import clock, locks
from ...lifecycle import retraining
from ...lifecycle.contract.run import RunRequest
from ...stacks import pipelines, settings
from .. import nouns
from .subject import Subject

if TYPE_CHECKING:
    from ...lifecycle.contract.jobs import ScheduledJob
    from ...lifecycle.contract.retraining import RetrainingDecision, RetrainingPlan
    from ...lifecycle.contract.run import Observer, Run

JOB, _CREATED = "job", "job_created"
"""What a decision notes of the job that is adopted, among its details."""

LATE_SECONDS = 900.0
"""So late a cloud's schedule may start a run; after that it is taken for paused, and the run is begun from here."""


def plan(subject: Subject) -> RetrainingPlan:
    """When this model is trained again; where the cloud has a schedule for its pipeline, by that one."""
    found = nouns.retraining_plan(subject.config)
    if subject.platform.schedules is None:
        return found
    schedule = settings.schedule_of(subject.first, subject.plan.pipeline)
    return replace(found, schedule=schedule, late_seconds=LATE_SECONDS) if schedule else found


def request(subject: Subject) -> RunRequest:
    """The pipeline as the first environment's config has it, which is what the cloud's schedule runs."""
    config = subject.first
    return RunRequest(
        root=config.root,
        pipeline=pipelines.pipeline(config, subject.plan.pipeline),
        environment=config.environment,
        config_digest=config.digest,
        user=locks.user(),
    )


def with_job(subject: Subject, decision: RetrainingDecision, now: datetime) -> RetrainingDecision:
    """The decision with the run that the cloud began for it, which is then adopted instead of beginning another one.

    A person who asks wants a run of now. A job of another definition is told of and left alone.
    """
    schedules, wanted = subject.platform.schedules, plan(subject)
    answers = decision.decision == "retrain" and "schedule" in decision.fired and "manual" not in decision.fired
    since = retraining.due(wanted, now) if answers and wanted.late_seconds is not None else None
    if schedules is None or since is None:
        return decision
    jobs = schedules.started(request(subject), since=clock.to_text(since), until=clock.to_text(now))
    chosen = next((one for one in reversed(jobs) if one.same and one.status != "cancelled"), None)
    reasons = {**decision.reasons, "schedule": f"{decision.reasons['schedule']}; {_said(jobs, chosen)}"}
    details = {} if chosen is None else {JOB: chosen.id, _CREATED: chosen.created}
    return replace(decision, reasons=reasons, details={**decision.details, **details})


def adopted(subject: Subject, decision: RetrainingDecision, observer: Observer) -> Run | None:
    """The run that the cloud began for a decision, on record and at its end; None where somebody cancelled it."""
    schedules = subject.platform.schedules
    if schedules is None:
        return None
    return schedules.adopt(
        request(subject), str(decision.details[JOB]), str(decision.details[_CREATED]), observer
    )  # fmt: skip


def _said(jobs: Sequence[ScheduledJob], chosen: ScheduledJob | None) -> str:
    """What the cloud's schedule did, and what follows from that."""
    if chosen is not None:
        state = "goes on" if chosen.status == "running" else chosen.status
        return f"the cloud began job {chosen.id.rpartition('/')[2]} at {chosen.created}, which {state}"
    if not jobs:
        return "the cloud began no run: its schedule is paused, or not there yet"
    newest = jobs[-1]
    name = newest.id.rpartition("/")[2]
    if newest.same:
        return f"the cloud's job {name} was cancelled"
    return f"the cloud's job {name} ran another definition than the one that is here, and is left alone"
