"""Ids of runs: they sort by time, and people name a run by an id, by the start of one, or as the latest."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from ..core import clock, digests
from ..core.errors import NotFoundError, UsageError
from ..core.suggestions import did_you_mean
from .contract.run import Run

LATEST = "latest"


def new() -> str:
    """An id of now, such as ``20261121-083012-7f3a``."""
    return f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def of_job(job: str, created: str) -> str:
    """The id of a run whose job was there before it: the same on every machine."""
    return f"{clock.from_text(created):%Y%m%d-%H%M%S}-{digests.of_value(job)[-8:]}"


def chosen(name: str, known: Sequence[str]) -> str:
    """The id that is meant; ``known`` are all, oldest first. Raises NotFoundError, UsageError."""
    if not known:
        raise NotFoundError("there are no runs yet", hint="groundplan run makes one.")
    if name == LATEST:
        return known[-1]
    matches = [run_id for run_id in known if name and run_id.startswith(name)]
    if name in matches or len(matches) == 1:
        return name if name in matches else matches[0]
    if matches:
        raise UsageError(f"{len(matches)} runs start with {name!r}", hint=f"Known: {', '.join(matches[-5:])}.")
    hint = did_you_mean(name, known) if len(known) <= 5 else "groundplan runs list shows all."
    raise NotFoundError(f"there is no run {name!r}", hint=hint)


def damaged(run_id: str, error: str) -> Run:
    """What is known of a run whose record cannot be read: when it began, as its id says."""
    started = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T{run_id[9:11]}:{run_id[11:13]}:{run_id[13:15]}.000Z"
    return Run(id=run_id, pipeline="?", environment="?", status="damaged", started=started, error=error)
