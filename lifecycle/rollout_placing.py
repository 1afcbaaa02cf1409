"""Puts the traffic that a rollout's state asks for in place; doing it again is the same as doing it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..core import clock
from ..core.errors import GroundplanError, NotFoundError
from . import deployment, rollout
from .contract.deployment import ServedModel
from .contract.platform import Platform
from .contract.rollout import Rollout
from .contract.traffic import VersionState


def placed(
    platform: Platform, state: Rollout, *, there: Sequence[VersionState] | None, now: datetime | None = None
) -> Rollout:
    """The state with its traffic in place; ``there`` are the versions at its endpoint, where they were just seen.

    Raises what stood in the way.
    """
    _place(platform, state, _versions(platform, state) if there is None else there)
    began = state.phase_began if state.is_final else clock.to_text(now or clock.now())
    return replace(state, applying=False, phase_began=began)


def turned_away(state: Rollout, error: GroundplanError, now: datetime) -> Rollout:
    """A version that never came to serve is no bad version: the rollout is aborted, and may be begun again."""
    reason = f"its traffic could not be put in place: {error.message}"
    never = len(state.history) == 1
    return (rollout.abort if never else rollout.roll_back)(state, who=state.started_by, reason=reason, now=now)


def _place(platform: Platform, state: Rollout, versions: Sequence[VersionState]) -> None:
    wanted = rollout.traffic(state)
    if not wanted.shares:
        return
    there = {one.version: one for one in versions}
    if rollout.is_direct(state) and not state.is_final:
        if list(there) != [state.challenger] or not _is_ready(there, state.challenger):
            served = _vouched_for(platform, state, state.challenger)
            platform.endpoints.deploy(state.settings, served, who=state.started_by)
        return
    mirrored = () if wanted.mirrored is None else (wanted.mirrored,)
    for version in (*wanted.shares, *mirrored):
        if not _is_ready(there, version):
            served = _vouched_for(platform, state, version)
            platform.endpoints.add(state.settings, served, who=state.started_by)
    endpoint, environment = state.plan.endpoint, state.plan.environment
    shared = platform.endpoints.route(endpoint, environment, wanted)
    if state.is_final:
        for one in shared:
            if one.version not in wanted.shares:
                platform.endpoints.remove(endpoint, environment, one.version)


def _versions(platform: Platform, state: Rollout) -> Sequence[VersionState]:
    try:
        return platform.endpoints.versions(state.plan.endpoint, state.plan.environment)
    except NotFoundError:
        return ()


def _is_ready(there: Mapping[int, VersionState], version: int) -> bool:
    return version in there and there[version].health == "ready"


def _vouched_for(platform: Platform, state: Rollout, number: int) -> ServedModel:
    return deployment.vouched(platform, state.model, number, task=state.task, environment=state.plan.environment)
