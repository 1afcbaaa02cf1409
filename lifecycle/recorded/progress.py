"""How far a run is, from what its job says: the statuses of its steps, and what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...core import clock
from .. import run_endings
from ..contract.jobs import Job
from ..contract.pipeline import ArtifactType
from ..contract.run import Artifact, Run, StepRun
from .run_records import KeptRun

_DONE = frozenset({"succeeded", "cached"})
_SILENT = frozenset({"waiting", "cached", "skipped"})
_SUBMITTED_AFTER_SECONDS = 3600.0
"""So long uploads may take; a run that has no job by then is one whose command died."""


def advanced(kept: KeptRun, job: Job) -> Run:
    """The run as its job is now; once that has ended, nothing in it waits any more."""
    ended = job.status != "running"
    steps = {name: _step(step, job, kept.kinds.get(name, {}), ended=ended) for name, step in kept.run.steps.items()}
    run = replace(kept.run, status=job.status, steps=steps, seconds=job.seconds or _age(kept.run))
    return replace(run, error=run_endings.error_of(run) or job.error)


def changed(before: Run, after: Run) -> list[StepRun]:
    """The steps of which there is something new to tell."""
    return [step for name, step in after.steps.items() if _told(step) != _told(before.steps[name])]


def without_job(run: Run) -> Run:
    """A run whose job is not on record: its command is about to submit it, or was killed."""
    if run.status != "running" or _age(run) < _SUBMITTED_AFTER_SECONDS:
        return run
    return replace(run, status="interrupted", error="it was not submitted to the cloud")


def _step(before: StepRun, job: Job, kinds: Mapping[str, ArtifactType], *, ended: bool) -> StepRun:
    now = job.steps.get(before.name, before)
    if ended and now.status == "waiting":
        now = replace(now, status="skipped")
    made = now.status in _DONE
    return replace(
        now,
        name=before.name,
        log=None if now.status in _SILENT else Path(),
        outputs={port: before.outputs.get(port, _unknown(kind)) for port, kind in kinds.items()} if made else {},
    )


def _unknown(kind: ArtifactType) -> Artifact:
    """An output that was not fetched yet."""
    return Artifact(type=kind, digest="", path=Path(), size_bytes=0)


def _told(step: StepRun) -> tuple[object, ...]:
    return step.status, step.attempts, step.error


def _age(run: Run) -> float:
    return round((clock.now() - clock.from_text(run.started)).total_seconds(), 3)
