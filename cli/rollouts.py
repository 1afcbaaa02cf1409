"""What the commands about rollouts share: finding the one that is meant, following it, showing it."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..core import clock, locks
from ..core.errors import NotFoundError, UsageError
from ..core.exit_codes import ExitCode
from .output import Output, Style
from .result import Result
from .session import Session

if TYPE_CHECKING:
    from ..lifecycle.contract.platform import Platform
    from ..lifecycle.contract.rollout import Phase, Rollout, Transition
    from ..stacks.config.resolved import Resolved

_MOST_SECONDS_BETWEEN_LOOKS = 5.0
_LEAST_SECONDS_BETWEEN_LOOKS = 0.2

WAY_BACK_SECONDS = 600.0
"""So long the way back waits for a command that is at the endpoint: one that starts a version may take minutes."""

_STYLES: dict[str, Style] = {"completed": "good", "rolled-back": "bad", "aborted": "bad", "paused": "warn"}


def meant(session: Session, platform: Platform, endpoint: str | None, environment: str | None) -> Rollout:
    """The rollout that an endpoint and an environment name; one that is under way comes before those that ended.

    Raises NotFoundError, UsageError where several are meant.
    """
    if environment is not None:
        session.config(environment)
    found = [
        one
        for one in platform.rollouts.all()
        if endpoint in (None, one.plan.endpoint) and environment in (None, one.plan.environment)
    ]
    found = [one for one in found if not one.is_final] or found
    if not found:
        where = f" at {endpoint or 'any endpoint'}{f' in {environment}' if environment else ''}"
        raise NotFoundError(f"nothing was rolled out{where} yet", hint="groundplan deploy begins a rollout.")
    if len(found) > 1:
        places = ", ".join(f"{one.plan.endpoint} -e {one.plan.environment}" for one in found)
        raise UsageError("several rollouts could be meant; name the endpoint and the environment", hint=places)
    return found[0]


@contextmanager
def taken(
    session: Session, platform: Platform, endpoint: str | None, environment: str | None,
    *, wait_seconds: float = locks.DEFAULT_WAIT_SECONDS,
) -> Generator[Rollout]:  # fmt: skip
    """The rollout that is ``meant``, as it is once its endpoint is ours alone."""
    plan = meant(session, platform, endpoint, environment).plan
    at = (plan.endpoint, plan.environment)
    with session.endpoint(session.config(plan.environment), at, wait_seconds=wait_seconds):
        yield meant(session, platform, *at)


def follow(session: Session, resolved: Resolved, platform: Platform, state: Rollout) -> Rollout:
    """Look again and again until the rollout has ended or waits for a person; each step is told as it happens."""
    from ..lifecycle import rollouts

    told = len(state.history)
    while True:
        with session.endpoint(resolved, (state.plan.endpoint, state.plan.environment)):
            current = platform.rollouts.current(state.plan.endpoint, state.plan.environment)
            if current is None or current.id != state.id:
                return state
            state = rollouts.look(platform, current, who=locks.user())
        for transition in state.history[told:]:
            session.output.message(line(transition), "dim")
        told = len(state.history)
        if state.is_final or waits_for_a_person(state):
            return state
        time.sleep(_pause(state))


def waits_for_a_person(state: Rollout) -> bool:
    """Whether nothing moves it but somebody's yes."""
    if state.status == "paused":
        return True
    last = state.history[-1]
    return last.kind == "held" and last.evidence.get("cause") in ("approval", "person")


def shown(platform: Platform, state: Rollout, *, told: str = "", exit_code: ExitCode = ExitCode.DONE) -> Result:
    """A rollout as a command's result; ``told`` is the line above it."""
    found = data(platform, state)

    def text(output: Output) -> None:
        if told:
            output.line(told, _STYLES.get(state.status, "good"))
        show(output, state, str(found["waits_for"] or ""))

    errors = [] if exit_code is ExitCode.DONE else [_error(state, exit_code)]
    return Result(data=found, text=text, next=following(state), exit_code=exit_code, errors=errors)


def data(platform: Platform, state: Rollout) -> dict[str, object]:
    """A rollout as JSON values."""
    from ..lifecycle import rollout, rollouts

    plan, split = state.plan, rollout.traffic(state)
    return {
        "id": state.id,
        "endpoint": plan.endpoint,
        "environment": plan.environment,
        "model": state.model,
        "challenger": state.challenger,
        "champion": state.champion,
        "strategy": plan.strategy,
        "status": state.status,
        "phase": state.phase,
        "phases": [asdict(phase) for phase in plan.phases],
        "phase_began": state.phase_began,
        "traffic": {str(version): share for version, share in split.shares.items()},
        "mirrored": split.mirrored,
        "waits_for": None if state.is_final else rollouts.decide(platform, state).reason,
        "approved_by": state.approved_by,
        "started": state.started,
        "started_by": state.started_by,
        "looks": [asdict(look) for look in state.looks],
        "history": [asdict(transition) for transition in state.history],
    }


def show(output: Output, state: Rollout, waits_for: str) -> None:
    """A rollout for people."""
    from ..lifecycle import rollout

    plan = state.plan
    output.line(f"{state.model} version {state.challenger} at {plan.endpoint}@{plan.environment}: {state.status}",
                _STYLES.get(state.status, "bold"))  # fmt: skip
    phase = f"{state.phase + 1} of {len(plan.phases)}: {_phase(plan.phases[state.phase], plan.mirror_share)}"
    output.fields(
        [
            ("strategy", plan.strategy),
            ("phase", phase),
            ("traffic", rollout.describe(state)),
            ("before", "nothing" if state.champion is None else f"version {state.champion}"),
            ("begun", f"{clock.for_people(state.started)} by {state.started_by}"),
            *([("approved by", state.approved_by)] if state.approved_by else []),
            *([("waits for", waits_for)] if waits_for else [("why", state.history[-1].reason)]),
        ]
    )


def line(transition: Transition) -> str:
    """A step of the history in one line."""
    shares = ", ".join(f"v{version} {share} %" for version, share in transition.traffic.items())
    return (
        f"{clock.for_people(transition.when)}  {transition.kind:<11}  {shares or 'nobody':<16}  {transition.who}: "
        f"{transition.reason}"
    )


def following(state: Rollout) -> list[str]:
    """What is worth typing now."""
    at = f"{state.plan.endpoint} -e {state.plan.environment}"
    if state.is_final:
        return [f"groundplan rollout history {at}", "groundplan status"]
    if state.status == "paused":
        return [f"groundplan rollout resume {at}", f"groundplan rollback {at} --reason TEXT"]
    return [f"groundplan rollout status {at}", f"groundplan rollback {at} --reason TEXT"]


def verdict(state: Rollout) -> ExitCode:
    """How a command ends that was to bring a version to serve."""
    if state.status in ("rolled-back", "aborted"):
        return ExitCode.GATE_FAILED
    return ExitCode.POLICY if not state.is_final and waits_for_a_person(state) else ExitCode.DONE


def _phase(phase: Phase, mirrored: int) -> str:
    from ..lifecycle import rollout

    what = rollout.copies(mirrored) if phase.kind == "shadow" else f"{phase.traffic} % of the requests"
    least = f", {phase.min_requests} requests" if phase.min_requests else ""
    return f"{what}, at least {clock.duration(phase.bake_seconds)}{least}"


def _pause(state: Rollout) -> float:
    bake = state.plan.phases[state.phase].bake_seconds
    return min(_MOST_SECONDS_BETWEEN_LOOKS, max(_LEAST_SECONDS_BETWEEN_LOOKS, bake / 20))


def _error(state: Rollout, code: ExitCode) -> Mapping[str, object]:
    from ..lifecycle import rollout

    held = code is ExitCode.POLICY
    how = "waits for a person" if held else "was turned back"
    return {
        "code": "POLICY" if held else "GATE_FAILED",
        "message": f"{rollout.name(state)} {how}: {state.history[-1].reason}",
        "where": "", "file": None, "line": None, "column": None,
        "hint": following(state)[0],
    }  # fmt: skip
