"""The batch endpoints of a cloud in its status: which version works, the job that was begun last, where both are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...core import clock
from ..output import Output

if TYPE_CHECKING:
    from ...lifecycle.contract.batch import BatchState, LastJob


def write(output: Output, batches: Sequence[BatchState]) -> None:
    """A line for each, then what went wrong."""
    output.table(
        ("environment", "batch endpoint", "model", "version", "last job", "rows and predictions"),
        [_cells(one) for one in batches],
    )
    for one in batches:
        at = f"{one.deployment.endpoint} -e {one.deployment.environment}"
        turned = one.deployment.turned
        if turned is not None and not turned.logged:
            left = f"version {turned.version} was turned back, and not all of it is on record"
            output.line(f"{left}: groundplan rollback {at} ends it", "warn")
        if one.job is not None and one.job.error:
            output.line(f"job {one.job.name}: {one.job.error}", "bad")


def data(batches: Sequence[BatchState]) -> list[dict[str, object]]:
    """The batch endpoints as JSON carries them."""
    return [
        {
            "environment": one.deployment.environment,
            "endpoint": one.deployment.endpoint,
            "model": one.deployment.served.name,
            "version": one.deployment.served.version,
            "previous_version": one.deployment.previous.version if one.deployment.previous else None,
            "deployed": one.deployment.deployed,
            "deployed_by": one.deployment.deployed_by,
            "turned_back": one.deployment.turned.version if one.deployment.turned else None,
            "place": one.place.id,
            "folder": one.place.folder,
            "job": None if one.job is None else asdict(one.job),
        }
        for one in batches
    ]


def _cells(one: BatchState) -> tuple[str, ...]:
    there = one.deployment
    return (
        there.environment, there.endpoint, there.served.name, str(there.served.version), _job(one.job),
        one.place.folder,
    )  # fmt: skip


def _job(job: LastJob | None) -> str:
    if job is None:
        return "-"
    return f"{job.status}, {job.rows} rows by version {job.version}, begun {clock.for_people(job.begun)}"
