"""Decides how a rollout goes on: pure functions from its state, what was observed and the time to the next state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Literal

from ..core import clock
from ..core.errors import PolicyError
from . import sequential
from .contract.deployment import EndpointSettings
from .contract.rollout import Experiment, Look, Phase, Rollout, RolloutPlan, Transition, TransitionKind
from .contract.rubric import Task
from .contract.traffic import Observation, Traffic, VersionState
from .rollout_conditions import asked, broken

Cause = Literal[
    "condition", "experiment", "stopped", "paused", "clock", "bake", "requests", "approval", "person", "good"
]
"""What a decision rests on; the same cause again in the same phase is not written down a second time."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do now, why in words, and what was measured."""

    kind: Literal["hold", "advance", "complete", "roll back"]
    cause: Cause
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])
    look: Look | None = None


@dataclass(frozen=True, kw_only=True)
class Push:
    """A person who asks for the next phase. ``force`` skips what is left of a bake time, never a tier."""

    who: str
    reason: str = ""
    force: bool = False


def begin(
    plan: RolloutPlan,
    settings: EndpointSettings,
    *,
    id: str,
    model: str,
    task: Task,
    challenger: int,
    champion: int | None,
    who: str,
    now: datetime,
) -> Rollout:
    """A rollout that is about to put its first phase in place; without a champion that is all of the requests."""
    phase = 0 if champion is not None else len(plan.phases) - 1
    rollout = Rollout(
        id=id, plan=plan, settings=settings, model=model, task=task, challenger=challenger, champion=champion,
        status="running", phase=phase, phase_began=clock.to_text(now), started=clock.to_text(now), started_by=who,
        applying=True,
    )  # fmt: skip
    reason = f"version {challenger} by {plan.strategy}: {describe(rollout)}"
    if champion is None:
        reason = f"version {challenger}: nothing answered before, so all requests go to it at once"
    return _with(rollout, "started", who=who, now=now, reason=reason)


def decide(
    rollout: Rollout,
    observations: Sequence[Observation],
    now: datetime,
    *,
    states: Sequence[VersionState] = (),
    push: Push | None = None,
) -> Decision:
    """How a rollout that is running or paused goes on.

    ``observations`` are of the time since its phase began; ``states`` say how the versions are right now.
    """
    if is_direct(rollout) or rollout.champion is None:
        return Decision(kind="complete", cause="good", reason=f"version {rollout.challenger} answers all requests")
    mine, other = (_of(observations, version, rollout) for version in (rollout.challenger, rollout.champion))
    if states and all(one.health == "stopped" for one in states):
        return _held("stopped", "nothing runs at the endpoint; groundplan up starts it again")
    elapsed = (now - clock.from_text(rollout.phase_began)).total_seconds()
    evidence = {"seconds": round(elapsed, 1), "new": _figures(mine), "before": _figures(other)}
    state = next((one for one in states if one.version == rollout.challenger), None)
    test = _test(rollout)
    complaints = broken(rollout.plan.conditions, test, mine, state)
    if complaints:
        reason = f"version {rollout.challenger}: {'; '.join(complaints)}"
        return Decision(kind="roll back", cause="condition", reason=reason, evidence=evidence)
    if test is None:
        return replace(_timed(rollout, mine, elapsed, push), evidence=evidence)
    found = sequential.examine(test, rollout.looks, mine, other, when=clock.to_text(now))
    if found.look is not None:
        evidence["look"] = asdict(found.look)
    if found.verdict in ("loser", "no winner"):
        kept = found.reason
        return Decision(kind="roll back", cause="experiment", reason=kept, evidence=evidence, look=found.look)
    timed = _timed(rollout, mine, elapsed, push)
    if found.verdict == "go on" and timed.cause != "paused":
        timed = Decision(kind="hold", cause="experiment", reason=found.reason)
    return replace(timed, evidence=evidence, look=found.look)


def follow(rollout: Rollout, decision: Decision, *, who: str, now: datetime) -> Rollout:
    """The state after a decision; ``applying`` is set where traffic is to change."""
    looks = rollout.looks if decision.look is None else (*rollout.looks, decision.look)
    state = replace(rollout, looks=looks)
    match decision.kind:
        case "hold":
            if decision.look is None and _is_known(rollout, decision):
                return rollout
            return _with(state, "held", who=who, now=now, reason=decision.reason, evidence=_evidence(decision))
        case "advance":
            state = replace(state, phase=rollout.phase + 1, phase_began=clock.to_text(now), applying=True)
            kind: TransitionKind = "advanced"
        case "complete":
            state, kind = replace(state, status="completed", applying=True), "completed"
        case "roll back":
            state, kind = replace(state, status="rolled-back", applying=True), "rolled-back"
    return _with(state, kind, who=who, now=now, reason=decision.reason, evidence=_evidence(decision))


def approve(rollout: Rollout, person: str) -> Rollout:
    """The rollout with this person's yes. Raises PolicyError for one who may not give it."""
    allowed = rollout.plan.approval
    if allowed and person not in allowed:
        raise PolicyError(f"{person} may not approve a rollout in {rollout.plan.environment}; {_people(allowed)} may")
    return replace(rollout, approved_by=person)


def pause(rollout: Rollout, *, who: str, reason: str, now: datetime) -> Rollout:
    """Nothing goes on from here, but a broken condition still turns it back. Again is the same as once."""
    demand_under_way(rollout)
    if rollout.status == "paused":
        return rollout
    return _with(replace(rollout, status="paused"), "paused", who=who, now=now, reason=reason)


def resume(rollout: Rollout, *, who: str, reason: str, now: datetime) -> Rollout:
    """It goes on where it was paused. Raises PolicyError when it is not paused."""
    demand_under_way(rollout)
    if rollout.status != "paused":
        raise PolicyError(f"{name(rollout)} is not paused", hint=_command("status", rollout))
    return _with(replace(rollout, status="running"), "resumed", who=who, now=now, reason=reason)


def abort(rollout: Rollout, *, who: str, reason: str, now: datetime) -> Rollout:
    """All requests to the version before; the new one keeps its stage and can be rolled out again."""
    demand_under_way(rollout)
    return _with(replace(rollout, status="aborted", applying=True), "aborted", who=who, now=now, reason=reason)


def roll_back(rollout: Rollout, *, who: str, reason: str, now: datetime) -> Rollout:
    """All requests to the version before, from any phase and also after the end. Raises PolicyError without one."""
    if rollout.champion is None or rollout.status in ("rolled-back", "aborted"):
        raise PolicyError(f"{name(rollout)} has nothing to go back to: {stands(rollout)}")
    return _with(replace(rollout, status="rolled-back", applying=True), "rolled-back", who=who, now=now, reason=reason)


def traffic(rollout: Rollout) -> Traffic:
    """Who answers in this state; nobody where the first version there ever was has been turned away."""
    sticky, champion, challenger = rollout.plan.sticky, rollout.champion, rollout.challenger
    if rollout.status in ("rolled-back", "aborted"):
        return Traffic(shares={} if champion is None else {champion: 100}, sticky=sticky)
    phase = current_phase(rollout)
    if rollout.status == "completed" or champion is None or phase.traffic == 100:
        return Traffic(shares={challenger: 100}, sticky=sticky)
    if phase.kind == "shadow":
        share = rollout.plan.mirror_share
        if not share:
            return Traffic(shares={champion: 100, challenger: 0}, sticky=sticky)
        return Traffic(shares={champion: 100}, mirrored=challenger, mirror_share=share, sticky=sticky)
    return Traffic(shares={champion: 100 - phase.traffic, challenger: phase.traffic}, sticky=sticky)


def demand_under_way(rollout: Rollout) -> None:
    """Raises PolicyError for a rollout that has come to its end."""
    if rollout.is_final:
        raise PolicyError(f"{name(rollout)} is not under way: {stands(rollout)}", hint=_command("history", rollout))


def is_direct(rollout: Rollout) -> bool:
    """Whether all requests go to the new version at once: the config says so, or nothing answered before."""
    return rollout.champion is None or rollout.plan.strategy == "direct"


def current_phase(rollout: Rollout) -> Phase:
    """The phase that it is in."""
    return rollout.plan.phases[rollout.phase]


def name(rollout: Rollout) -> str:
    """A rollout for people: ``the rollout of churn version 2 at churn@prod``."""
    plan = rollout.plan
    return f"the rollout of {rollout.model} version {rollout.challenger} at {plan.endpoint}@{plan.environment}"


def stands(rollout: Rollout) -> str:
    """How a rollout ended, in words."""
    last = rollout.history[-1]
    return f"{rollout.status} {clock.for_people(last.when)} ({last.reason})"


def describe(rollout: Rollout) -> str:
    """Who answers in this state, in words."""
    split = traffic(rollout)
    shares = [f"{share} % to version {version}" for version, share in sorted(split.shares.items())]
    mirrored = [] if split.mirrored is None else [f"{copies(split.mirror_share)} to version {split.mirrored}"]
    return ", ".join([*shares, *mirrored]) or "nobody answers"


def copies(share: int) -> str:
    """What a version gets that is mirrored to, in words; ``share`` in percent."""
    return "a copy of each request" if share == 100 else f"a copy of {share} % of the requests" if share else "no copy"


def _test(rollout: Rollout) -> Experiment | None:
    """The A/B test, in the phase that it decides."""
    phase = current_phase(rollout)
    running = rollout.plan.strategy == "ab" and phase.kind == "online" and phase.traffic < 100
    return rollout.plan.experiment if running else None


def _timed(rollout: Rollout, mine: Observation, elapsed: float, push: Push | None) -> Decision:
    """What time, requests and people say where no condition is broken."""
    phase, last = current_phase(rollout), rollout.phase == len(rollout.plan.phases) - 1
    forced = push is not None and push.force
    if rollout.status == "paused":
        return _held("paused", f"it is paused; {_command('resume', rollout)}")
    if elapsed < 0 and not forced:
        return _held("clock", f"the clock is {clock.duration(-elapsed)} behind the beginning of this phase")
    if elapsed < phase.bake_seconds and not forced:
        return _held("bake", f"watched for {clock.duration(elapsed)} of {clock.duration(phase.bake_seconds)}")
    count = asked(mine)
    if count < phase.min_requests and not (forced and last):
        return _held("requests", f"{count} of the {phase.min_requests} requests on which it is judged")
    if last:
        return Decision(
            kind="complete", cause="good", reason=f"good for {clock.duration(max(0.0, elapsed))}, {count} requests"
        )
    if phase.kind == "shadow" and (missing := _missing_yes(rollout, push)):
        return missing
    why = f"good for {clock.duration(max(0.0, elapsed))}, {count} {'copies' if phase.kind == 'shadow' else 'requests'}"
    if push is not None and push.reason:
        why = f"{push.reason} ({'forced by' if push.force else 'asked by'} {push.who}; {why})"
    return Decision(kind="advance", cause="good", reason=why)


def _missing_yes(rollout: Rollout, push: Push | None) -> Decision | None:
    """Whose yes the first online phase still needs."""
    allowed = rollout.plan.approval
    if allowed is not None and not rollout.approved_by:
        command = f"{_command('advance', rollout)} --approved-by {allowed[0] if allowed else 'NAME'}"
        return _held("approval", f"it needs the approval of {_people(allowed)}: {command}")
    if rollout.plan.strategy == "shadow" and push is None:
        return _held("person", f"it waits for a person: {_command('advance', rollout)}")
    return None


def _held(cause: Cause, reason: str) -> Decision:
    return Decision(kind="hold", cause=cause, reason=reason)


def _is_known(rollout: Rollout, decision: Decision) -> bool:
    """Whether the history says so already."""
    last = rollout.history[-1]
    known = (last.kind, last.phase, last.evidence.get("cause")) == ("held", rollout.phase, decision.cause)
    return known or decision.cause == "paused"


def _with(
    rollout: Rollout,
    kind: TransitionKind,
    *,
    who: str,
    now: datetime,
    reason: str,
    evidence: Mapping[str, object] | None = None,
) -> Rollout:
    shares = {str(version): share for version, share in traffic(rollout).shares.items()}
    transition = Transition(
        when=clock.to_text(now), who=who, kind=kind, phase=rollout.phase, traffic=shares, reason=reason,
        evidence=evidence or {},
    )  # fmt: skip
    return replace(rollout, history=(*rollout.history, transition))


def _evidence(decision: Decision) -> Mapping[str, object]:
    return {**decision.evidence, "cause": decision.cause}


def _of(observations: Sequence[Observation], version: int, rollout: Rollout) -> Observation:
    silent = Observation(version=version, since=rollout.phase_began, requests=0, errors=0, latency_p50_ms=None,
                         latency_p95_ms=None)  # fmt: skip
    return next((one for one in observations if one.version == version), silent)


def _figures(observed: Observation) -> dict[str, object]:
    """What was measured, without what is 0 or unknown."""
    return {key: value for key, value in asdict(observed).items() if value and key != "since"}


def _people(allowed: Sequence[str]) -> str:
    return " or ".join(allowed) if allowed else "somebody"


def _command(verb: str, rollout: Rollout) -> str:
    return f"groundplan rollout {verb} {rollout.plan.endpoint} -e {rollout.plan.environment}"
