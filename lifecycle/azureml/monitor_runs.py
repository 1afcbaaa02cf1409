"""The runs of Azure ML's monitors: which ended in a window, how, and the files of figures that each of them left.

Jobs of a schedule are called as https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job says;
the files are those of the component model_monitor_create_manifest (Azure/azureml-assets, assets/model_monitoring).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...core import clock
from ...core.errors import NotFoundError, StoreCorruptedError
from ..contract.monitoring import Window
from . import datastores, errors, folders, histories, job_ends, job_files
from .calls import Calls

OUTPUT: Final = "model_monitor_metrics_output"
"""The output of the step that puts the figures of all signals together."""

_MANIFEST = "manifest.json"
_LONGEST = timedelta(days=2)
_NO_DATA = ("azureml.modelmonitor.error", "DataNotFoundError")
_SECONDS = 120.0


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Literal["1.0.0"]
    files: dict[str, str] = Field(alias="metricsFiles")


@dataclass(frozen=True, kw_only=True)
class MonitorRun:
    """A run that has ended; ``problem`` says why it found nothing, ``url`` is its page."""

    id: str
    schedule: str
    began: datetime
    ended: datetime
    problem: str = ""
    url: str = ""

    @property
    def in_words(self) -> str:
        """Which run it is, and where to look at it."""
        return f"the run {self.id} of Azure ML's monitor {self.schedule} ({self.url})"


def ended(calls: Calls, workspace: str, schedule: str, window: Window) -> list[MonitorRun]:
    """The runs of a schedule that ended within a window, the newest first."""
    start, end = clock.from_text(window.start), clock.from_text(window.end)
    found = [
        _run(schedule, job, history)
        for job in _jobs(calls, workspace, schedule)
        if start - _LONGEST <= job.creation_context.created_at < end and job.status in job_ends.ENDS
        and (history := histories.run(calls, workspace, job.name)) is not None
        and history.end_time_utc is not None and start <= history.end_time_utc < end
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.ended, reverse=True)


def figures(calls: Calls, workspace: str, run: MonitorRun) -> Iterator[tuple[str, bytes]]:
    """The signals' names and files. Raises NotFoundError and StoreCorruptedError for what is not left as is known."""
    place = _place(calls, workspace, run)
    container = datastores.container(calls, workspace, place.store, seconds=_SECONDS)

    def read(name: str) -> bytes:
        def act() -> bytes:
            return container.client.download_blob(f"{place.path.rstrip('/')}/{name}").readall()

        found = container.asked(act, doing="read a monitor's figures")
        if found is None:
            raise NotFoundError(f"{name} is not there")
        return found

    for signal, name in _listed(read(_MANIFEST)).items():
        yield signal, read(name)


def _jobs(calls: Calls, workspace: str, schedule: str) -> list[Any]:
    """The jobs that a schedule began, told by their names, too."""
    named = re.compile(rf"{re.escape(schedule)}-\d{{8}}T\d{{6}}Z")

    def act() -> list[Any]:
        # What the SDK cannot read it lists as nothing.
        listed = calls.of(workspace).jobs.list(schedule_defined=True, scheduled_job_name=schedule)
        return [one for one in listed if one is not None and named.fullmatch(one.display_name or "")]

    doing = f"look for runs of the monitor {schedule}"
    found = calls.found(
        lambda: folders.silently(act), calls.looking(), doing=doing, resource=workspace, role=errors.RUNNER
    )
    return found or []


def _run(schedule: str, job: Any, history: Any) -> MonitorRun:
    services: Mapping[str, Any] = job.services or {}
    return MonitorRun(
        id=job.name,
        schedule=schedule,
        began=job.creation_context.created_at,
        ended=history.end_time_utc,
        problem="" if job_ends.ENDS[job.status] == "succeeded" else _problem(history),
        url=services["Studio"].endpoint if "Studio" in services else "",
    )


def _problem(history: Any) -> str:
    name, value = _NO_DATA
    tags: Mapping[str, str] = history.tags or {}
    if tags.get(name) == value:
        return "nothing was collected for it to look at"
    return histories.said(history) or f"it was {history.status.lower()}"


def _place(calls: Calls, workspace: str, run: MonitorRun) -> job_files.Place:
    for step in histories.below(calls, workspace, run.id):
        with contextlib.suppress(NotFoundError):
            return job_files.place(calls, workspace, step.run_id, OUTPUT, below="", what="a monitor's figures")
    raise NotFoundError(f"no step wrote {OUTPUT}")


def _listed(text: bytes) -> Mapping[str, str]:
    """The files by signal."""
    try:
        return _Manifest.model_validate_json(text).files
    except ValueError as error:
        raise StoreCorruptedError(f"{_MANIFEST} is none of version 1.0.0") from error
