"""The steps of a job as Azure ML's run history has them: how each stands, when it began and ended, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...core import clock
from ..contract.run import StepRun, StepStatus
from . import errors
from .calls import Calls
from .places import Workspace

_STATUSES: Mapping[str, StepStatus] = {
    "NotStarted": "waiting",
    "Preparing": "waiting",
    "Provisioning": "waiting",
    "Queued": "waiting",
    "Starting": "waiting",
    "Completed": "succeeded",
    "Failed": "failed",
    "NotResponding": "failed",
    "Canceled": "cancelled",
}
"""Groundplan's word for each of Azure ML's; any other is a step that goes on."""

_MOST = 300
_EXIT_CODE = re.compile(r"exited with status code (\d+)")
_REUSED, _REUSED_FROM = "azureml.isreused", "azureml.reusedrunid"


def children(calls: Calls, workspace: str, id: str, steps: Mapping[str, str]) -> Mapping[str, Any]:
    """The run of each step that has one, by the config's names; ``steps`` are those names by the nodes."""
    known = {**steps, **{name: name for name in steps.values()}}
    return {known[one.display_name]: one for one in below(calls, workspace, id) if one.display_name in known}


def below(calls: Calls, workspace: str, id: str) -> list[Any]:
    """Every run that belongs to a job."""
    doing = "look at the steps"

    def act() -> list[Any]:
        return _pages(calls, workspace, id)

    return calls.found(act, calls.looking(), doing=doing, resource=workspace, role=errors.RUNNER) or []


def run(calls: Calls, workspace: str, id: str) -> Any:
    """A run by its id; None where there is none."""
    place = Workspace.of(workspace)

    def act() -> Any:
        return _runs(calls, workspace).get(place.subscription, place.group, place.name, id)

    return calls.found(act, calls.looking(), doing="look at the run", resource=workspace, role=errors.RUNNER)


def step(name: str, found: Any) -> StepRun:
    """How a step stands."""
    error = said(found)
    exit_code = _EXIT_CODE.search(error)
    status = _STATUSES.get(found.status, "running")
    began, ended = found.start_time_utc, found.end_time_utc
    return StepRun(
        name=name,
        status="cached" if status == "succeeded" and reused(found) else status,
        started=clock.to_text(began) if began else "",
        seconds=max(0.0, (ended - began).total_seconds()) if began and ended else 0.0,
        attempts=0 if status == "waiting" or reused(found) else 1,
        exit_code=int(exit_code[1]) if exit_code else None,
        error=error,
    )


def waiting(steps: Mapping[str, str], known: Mapping[str, StepRun], *, ended: bool) -> Mapping[str, StepRun]:
    """All steps in the order of the config; one without a run waits for it, or will never have one."""
    found: dict[str, StepRun] = {}
    for name in steps.values():
        found[name] = known.get(name, StepRun(name=name, status="waiting"))
        if ended and found[name].status == "waiting":
            found[name] = replace(found[name], status="skipped")
    return found


def said(found: Any) -> str:
    """What a run says went wrong, and what to ask for where machines are not allowed.

    Of many words those at the beginning and at the end: Azure ML says what failed first, and what the step said last.
    """
    root = found.error.error if found.error else None
    words = " ".join(str(root.message or root.code).split()) if root else found.cancelation_reason or ""
    if len(words) > 2 * _MOST:
        words = f"{words[:_MOST]} … {words[-_MOST:]}"
    return errors.with_quota(words)


def reused(found: Any) -> str:
    """The id of the run whose outputs a run has in place of its own; "" for one that ran itself."""
    properties: Mapping[str, str] = found.properties or {}
    return properties.get(_REUSED_FROM, "") if properties.get(_REUSED) == "true" else ""


def seconds(runs: Sequence[Any]) -> float:
    """From the first beginning to the last end, by the clock of the cloud alone."""
    began = [one.start_time_utc for one in runs if one.start_time_utc]
    ended = [one.end_time_utc for one in runs if one.end_time_utc]
    return max(0.0, (max(ended) - min(began)).total_seconds()) if began and ended else 0.0


def _pages(calls: Calls, workspace: str, id: str) -> list[Any]:
    """All children of a run: the SDK itself (1.35.2) gives the first page alone, so where the next is, is read too."""
    place = Workspace.of(workspace)
    found: list[Any] = []
    tokens: list[str | None] = [None]

    def keep(answer: Any) -> None:
        # It also hears what is asked again, and what is refused.
        if answer.http_response.status_code == 200:
            tokens.append(answer.http_response.json().get("continuationToken"))

    while len(tokens) == 1 or tokens[-1]:
        found += _runs(calls, workspace).get_child(
            place.subscription, place.group, place.name, id, continuationtoken=tokens[-1], raw_response_hook=keep
        )
    return found


def _runs(calls: Calls, workspace: str) -> Any:
    # Of a step the SDK's own jobs.list keeps neither times nor errors; what it asks has both.
    return calls.of(workspace).jobs._runs_operations._operation  # noqa: SLF001
