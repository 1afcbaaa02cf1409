"""How a job of Azure ML ends: by itself, or because somebody asked it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...core.extras import load
from ..contract.jobs import JobStatus
from . import errors

ENDS: Mapping[str, JobStatus] = {
    "Completed": "succeeded",
    "Failed": "failed",
    "NotResponding": "failed",
    "Canceled": "cancelled",
}
"""Groundplan's word for each of Azure ML's that is an end."""


def is_ending(status: str) -> bool:
    """Whether it has ended, or was asked to."""
    return status in ENDS or status == "CancelRequested"


def cancel(jobs: Any, id: str, status: Callable[[], str]) -> None:
    """Ask a job of the SDK's ``jobs`` to stop; ``status`` looks at it again. Raises what the SDK raises."""
    core = load("azure.core.exceptions")
    try:
        jobs.begin_cancel(id, polling=False)
    except core.HttpResponseError as error:
        # It may have ended since it was looked at.
        if errors.status(error) not in (400, 409) or status() not in ENDS:
            raise
