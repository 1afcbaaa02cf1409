"""A job of Vertex AI in the lifecycle's words: its status, its steps, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ...core import clock
from ..contract.jobs import Job, JobStatus, ScheduledJob, Submission
from ..contract.run import StepRun, StepStatus
from . import errors

_STATES: Final[Mapping[str, JobStatus]] = {
    "PIPELINE_STATE_SUCCEEDED": "succeeded",
    "PIPELINE_STATE_FAILED": "failed",
    "PIPELINE_STATE_CANCELLED": "cancelled",
}
"""All others wait, work, or are about to stop."""

_TASK_STATES: Final[Mapping[str, StepStatus]] = {
    "PENDING": "waiting",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "CANCEL_PENDING": "running",
    "CANCELLING": "running",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
    "SKIPPED": "cached",
    "NOT_TRIGGERED": "skipped",
}
"""SKIPPED is a task whose result was there already; one that nobody got to is not triggered."""

_IMPORTER: Final = "importer"
_EXIT = re.compile(r"non-zero (?:exit )?status(?: of)?:? (\d+)")
_TIMED_OUT: Final = (124, 137)
"""What ``timeout``, which runs a step's command, ends with when the time is up."""


def job(name: str, found: Any, submission: Submission) -> Job:
    """The job as it is now, under the name by which it was asked for."""
    status: JobStatus = _STATES.get(found.state.name, "running")
    _, project, _, region, _, id = name.split("/")
    started = found.start_time or found.create_time
    steps = _steps(name, found, submission, ended=status != "running")
    failed = [f"step {one.name}: {one.error}" for one in steps.values() if one.status in ("failed", "timed-out")]
    return Job(
        id=name,
        status=status,
        steps=steps,
        started=clock.to_text(started) if started else "",
        seconds=_seconds(started, found.end_time or found.update_time),
        error="; ".join(failed) or _said(found.error, name, submission),
        url=f"https://console.cloud.google.com/vertex-ai/locations/{region}/pipelines/runs/{id}?project={project}",
    )


def scheduled(name: str, found: Any, submission: Submission) -> ScheduledJob:
    """A job that a schedule started; its labels say of which version of the pipeline it is."""
    return ScheduledJob(
        id=name,
        created=clock.to_text(found.create_time),
        status=_STATES.get(found.state.name, "running"),
        same=found.labels.get("version", "") == submission.labels["version"],
    )


def tasks(found: Any, submission: Submission) -> dict[str, Any]:
    """The tasks of a job that are steps of the config, by the steps' names.

    Vertex AI names a task as it was defined, which may be its key or its title; an importer's key is no title.
    """
    titles = {name: name for name in submission.steps.values() if not name.startswith(_IMPORTER)}
    steps = {**titles, **submission.steps}
    return {steps[one.task_name]: one for one in found.job_detail.task_details if one.task_name in steps}


def _steps(job: str, found: Any, submission: Submission, *, ended: bool) -> dict[str, StepRun]:
    there = tasks(found, submission)
    idle: StepStatus = "skipped" if ended else "waiting"
    return {
        name: _step(name, there[name], found.update_time, _said(there[name].error, job, submission))
        if name in there
        else StepRun(name=name, status=idle)
        for name in submission.steps.values()
    }


def _step(name: str, task: Any, looked: Any, error: str) -> StepRun:
    status: StepStatus = _TASK_STATES.get(task.state.name, "waiting")
    exited = _EXIT.search(error)
    code = int(exited[1]) if exited else None
    if status == "failed" and code in _TIMED_OUT:
        status = "timed-out"
    container = task.executor_detail.container_detail
    return StepRun(
        name=name,
        status=status,
        started=clock.to_text(task.start_time) if task.start_time else "",
        seconds=_seconds(task.start_time, task.end_time or looked),
        attempts=len(container.failed_main_jobs) + (1 if container.main_job else 0),
        exit_code=0 if status == "succeeded" else code,
        error=error,
    )


def _said(error: Any, job: str, submission: Submission) -> str:
    return errors.in_a_job(error.message, job, submission.settings.get("machines", ""))


def _seconds(started: Any, ended: Any) -> float:
    """From one moment to the other, both of the cloud's own clock."""
    return max(0.0, (ended - started).total_seconds()) if started and ended else 0.0
