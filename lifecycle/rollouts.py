"""Carries rollouts out: what was decided is written down, then put in place, then logged, and a kill in between shows.

Every function finishes first what a killed command left. Whoever calls one holds the endpoint's lock.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ..core import clock
from ..core.errors import GroundplanError, NotFoundError, PolicyError, UsageError
from . import deployment, rollout
from .contract.deployment import Deployment, EndpointSettings, ServedModel
from .contract.model import ModelPlan
from .contract.monitoring import Watched
from .contract.platform import Platform
from .contract.rollout import Rollout, RolloutPlan
from .contract.traffic import Observation, Seen, VersionState
from .rollout import Decision, Push
from .rollout_log import logged
from .rollout_phases import phases
from .rollout_placing import placed, turned_away

Change = Callable[[Rollout], Rollout]


def start(
    platform: Platform,
    model: ModelPlan,
    settings: EndpointSettings,
    plan: RolloutPlan,
    *,
    who: str,
    now: datetime | None = None,
) -> Rollout | None:
    """Begin to roll out the version of the environment's stage; the same again finds the rollout under way.

    Gives None when that version answers all requests already: it is served anew, with these settings. Raises as
    ``deployment.demand``, PolicyError while another version is being rolled out, and what a version raises that does
    not come to serve; then the rollout is aborted, and whatever served serves on.
    """
    version = deployment.stage_version(platform.models.list(model.name), model, settings.environment)
    left = platform.rollouts.current(plan.endpoint, plan.environment)
    known = None if left is None else finish(platform, left, now=now)
    if known is not None and (not known.is_final or (known.status == "completed" and known != left)):
        if known.challenger == version.version:
            return _begun(platform, known, who=who, now=now)
        if not known.is_final:
            raise _under_way(known)
    served = deployment.demand(platform, model, version, settings.environment, now=now)
    champion = _champion(platform, plan)
    if champion == version.version:
        deployment.serve(platform, settings, served, who=who)
        return None
    moment = now or clock.now()
    begun = rollout.begin(
        plan, settings, id=_new_id(moment), model=model.name, task=model.task, challenger=version.version,
        champion=champion, who=who, now=moment,
    )  # fmt: skip
    platform.rollouts.keep(begun)
    return _begun(platform, finish(platform, begun, now=now), who=who, now=now)


def _begun(platform: Platform, state: Rollout, *, who: str, now: datetime | None) -> Rollout:
    return look(platform, state, who=who, now=now) if rollout.is_direct(state) else state


def look(
    platform: Platform, state: Rollout, *, who: str, push: Push | None = None, now: datetime | None = None
) -> Rollout:
    """Hold what was observed against the rollout's phase, and move when it is time; what is final stays as it is."""
    state = finish(platform, state, now=now)
    if state.is_final:
        return state
    seen = _seen(platform, state)
    decision = _decided(platform, state, seen, push=push, now=now)
    after = rollout.follow(state, decision, who=who, now=now or clock.now())
    return _kept(platform, state, after, there=seen.versions, now=now)


def decide(platform: Platform, state: Rollout, *, push: Push | None = None, now: datetime | None = None) -> Decision:
    """What is to be done now, and why; nothing is changed."""
    return _decided(platform, state, _seen(platform, state), push=push, now=now)


def _seen(platform: Platform, state: Rollout) -> Seen:
    return platform.endpoints.seen(state.plan.endpoint, state.plan.environment, state.phase_began)


def _decided(platform: Platform, state: Rollout, seen: Seen, *, push: Push | None, now: datetime | None) -> Decision:
    moment = now or clock.now()
    watched = _watched(platform, state, seen.observed, moment)
    return rollout.decide(state, watched, moment, states=seen.versions, push=push)


def _watched(
    platform: Platform, state: Rollout, observed: Sequence[Observation], now: datetime
) -> Sequence[Observation]:
    """The observations with what labels and logged predictions say, where the plan asks for that."""
    plan = state.plan.monitor
    if plan is None:
        return observed
    drift = state.plan.conditions.drift
    models = {one.version: platform.models.get(state.model, one.version) for one in observed} if drift else {}
    known = platform.monitors.watched(plan, state.phase_began, now=clock.to_text(now), models=models)
    return [_with(one, known.get(one.version)) for one in observed]


def _with(observed: Observation, seen: Watched | None) -> Observation:
    if seen is None:
        return observed
    return replace(
        observed,
        labelled=seen.labelled,
        metrics=seen.metrics,
        standard_errors=seen.standard_errors,
        drifted=seen.drifted,
    )


def advance(
    platform: Platform, state: Rollout, *, push: Push, approved_by: str = "", now: datetime | None = None
) -> Rollout:
    """A person asks for the next phase. Raises PolicyError that says what still holds it, UsageError."""
    if push.force and not push.reason:
        raise UsageError("to force a rollout needs a reason", hint="Say why: --reason TEXT")
    state = finish(platform, state, now=now)
    rollout.demand_under_way(state)
    if approved_by:
        state = _kept(platform, state, rollout.approve(state, approved_by), now=now)
    after = look(platform, state, who=push.who, push=push, now=now)
    if after.phase == state.phase and not after.is_final:
        held = decide(platform, after, push=push, now=now).reason
        raise PolicyError(
            f"{rollout.name(after)} cannot go on yet: {held}",
            hint="--force --reason TEXT skips what is left of a bake time; a tier of evaluation nothing skips.",
        )
    return after


def change(platform: Platform, state: Rollout, how: Change, *, now: datetime | None = None) -> Rollout:
    """Pause, resume or abort: keep the state that ``how`` makes, and put it in place."""
    state = finish(platform, state, now=now)
    return _kept(platform, state, how(state), now=now)


def roll_back(
    platform: Platform,
    endpoint: str,
    environment: str,
    *,
    who: str,
    reason: str,
    to: int | None = None,
    now: datetime | None = None,
) -> Rollout:
    """Send all requests to the last good version, during a rollout or after it; one that is gone is started again.

    Where the last rollout was turned back that version answers already; going further back needs ``to``. Raises
    NotFoundError when nothing answered before, UsageError without a reason, PolicyError.
    """
    if not reason:
        raise UsageError("a rollback needs a reason", hint="Say why: --reason TEXT")
    moment, state = now or clock.now(), platform.rollouts.current(endpoint, environment)
    if state is not None and not state.is_final:
        state = replace(state, applying=False)  # what was to be put in place no longer matters
    elif state is not None and is_left(state):
        state = finish(platform, state, now=now)
        if state.status == "rolled-back":
            return state
    if state is None or state.is_final:
        state = _last_good(platform, endpoint, environment, to)
    if to not in (None, state.champion):
        raise PolicyError(f"{rollout.name(state)} goes back to version {state.champion}, not {to}")
    return _kept(platform, state, rollout.roll_back(state, who=who, reason=reason, now=moment), now=now)


def is_left(state: Rollout) -> bool:
    """Whether a killed command left something of it to be put in place or logged."""
    return state.applying or state.audited < len(state.history)


def finish(
    platform: Platform, state: Rollout, *, there: Sequence[VersionState] | None = None, now: datetime | None = None
) -> Rollout:
    """Put in place and log what was decided, by this command or one that was killed; nothing is done twice.

    ``there`` are the versions at the endpoint, where they were just seen. Raises what stands in the way of its traffic;
    the rollout is turned away then, and that is logged.
    """
    try:
        done = placed(platform, state, there=there, now=now) if state.applying else state
    except GroundplanError as error:
        if not state.is_final:
            turned = turned_away(state, error, now or clock.now())
            _kept(platform, state, turned, now=now)
        raise
    done = logged(platform, done)
    if done != state:
        platform.rollouts.keep(done)  # once for both: a kill before it has both done again, to the same end
    return done


def _kept(
    platform: Platform,
    state: Rollout,
    after: Rollout,
    *,
    there: Sequence[VersionState] | None = None,
    now: datetime | None = None,
) -> Rollout:
    if after == state:
        return state
    platform.rollouts.keep(after)
    return finish(platform, after, there=there, now=now)


def _under_way(state: Rollout) -> PolicyError:
    plan = state.plan
    return PolicyError(
        f"{rollout.name(state)} is under way since {clock.for_people(state.started)}, begun by {state.started_by}",
        hint=f"groundplan rollout status {plan.endpoint} -e {plan.environment}; to end it: groundplan rollout abort",
    )


def _new_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def _champion(platform: Platform, plan: RolloutPlan) -> int | None:
    """The version with most of the requests."""
    try:
        shares = platform.endpoints.traffic(plan.endpoint, plan.environment).shares
    except NotFoundError:
        return None
    return max(shares, key=lambda version: shares[version], default=None)


def _last_good(platform: Platform, endpoint: str, environment: str, to: int | None) -> Rollout:
    """The rollout that brought what serves now: its champion is the last good version. Raises NotFoundError."""
    current, there = (
        platform.rollouts.current(endpoint, environment),
        platform.endpoints.deployment(endpoint, environment),
    )
    found = [
        one
        for one in platform.rollouts.history(endpoint, environment)
        if one.status == "completed" and one.challenger == there.served.version and one.champion is not None
    ]
    if current is None and there.previous is not None:
        found = [_as_rollout(there, there.previous)]
    at = f"{endpoint} -e {environment}"
    if current is not None and current.status in ("rolled-back", "aborted") and to is None:
        further = f"To go further back: groundplan rollback {at} --to {found[-1].champion}" if found else ""
        raise PolicyError(
            f"version {there.served.version} is the last good one and answers already: {rollout.stands(current)}",
            hint=further or f"groundplan rollout history {at}",
        )
    if not found:
        raise NotFoundError(
            f"nothing answered at {endpoint}@{environment} before version {there.served.version}",
            hint=f"groundplan rollout history {at}",
        )
    return found[-1]


def _as_rollout(there: Deployment, previous: ServedModel) -> Rollout:
    """A deployment without a record of its rollout, as the rollout that it was."""
    plan = RolloutPlan(
        endpoint=there.settings.name, environment=there.settings.environment, strategy="direct",
        phases=phases("direct", shadow_seconds=0, steps=(), stand_by_seconds=0, min_requests=0),
    )  # fmt: skip
    now = clock.from_text(there.deployed)
    begun = rollout.begin(
        plan, there.settings, id=_new_id(now), model=there.served.name, task=there.served.task,
        challenger=there.served.version, champion=previous.version, who=there.deployed_by, now=now,
    )  # fmt: skip
    return replace(begun, status="completed", applying=False)
