"""Why steps wait: a cluster whose machines its quota does not allow says so, and its jobs only stay queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..contract.run import StepRun
from . import errors
from .calls import Calls
from .places import Workspace


def explained(
    calls: Calls, workspace: str, runs: Mapping[str, Any], steps: Mapping[str, StepRun]
) -> Mapping[str, StepRun]:
    """The steps, those that are queued with what their clusters say."""
    queued = {name: one.compute.target for name, one in runs.items() if one.status == "Queued" and one.compute}
    said = {target: _said(calls, workspace, target) for target in dict.fromkeys(queued.values())}
    return {name: replace(one, error=said[queued[name]]) if name in queued else one for name, one in steps.items()}


def _said(calls: Calls, workspace: str, compute: str) -> str:
    place = Workspace.of(workspace)

    def act() -> Any:
        # The SDK's own compute.get keeps the code alone of what went wrong, and not that of a cluster's machines.
        return calls.of(workspace).compute._operation.get(place.group, place.name, compute)  # noqa: SLF001

    found = calls.found(act, calls.looking(), doing="look at the compute", resource=workspace, role=errors.RUNNER)
    cluster = None if found is None else found.properties.properties
    wrong: Sequence[Any] = getattr(cluster, "errors", None) or ()
    return "; ".join(errors.with_quota(" ".join(str(one.error.message).split())) for one in wrong if one.error)
