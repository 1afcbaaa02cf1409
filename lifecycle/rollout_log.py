"""Writes a rollout's transitions into the audit log, each once, and takes a version's stage back with its requests."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from ..core.errors import NotFoundError
from .contract.platform import Platform
from .contract.rollout import Rollout, Transition


def logged(platform: Platform, state: Rollout) -> Rollout:
    """The state with all of its history in the audit log; what was rolled back has left its stage."""
    if state.audited == len(state.history):
        return state
    if state.status == "rolled-back" and state.champion is not None:
        last = state.history[-1]
        restore_stage(
            platform, state.model, state.plan.environment, turned=state.challenger, back=state.champion, who=last.who,
            reason=last.reason,
        )  # fmt: skip
    for number, transition in enumerate(state.history[state.audited :], start=state.audited):
        platform.models.audit(
            who=transition.who,
            action="rollback" if transition.kind == "rolled-back" else "rollout",
            model=state.model,
            version=state.challenger,
            environment=state.plan.environment,
            reason=transition.reason,
            details=_details(state, number, transition),
        )
    return replace(state, audited=len(state.history))


def _details(state: Rollout, number: int, transition: Transition) -> Mapping[str, object]:
    return {
        "rollout": state.id,
        "transition": number,
        "kind": transition.kind,
        "endpoint": state.plan.endpoint,
        "strategy": state.plan.strategy,
        "champion": state.champion,
        "phase": transition.phase,
        "traffic": dict(transition.traffic),
        "approved_by": state.approved_by,
        "evidence": dict(transition.evidence),
    }


def restore_stage(
    platform: Platform, model: str, environment: str, *, turned: int, back: int, who: str, reason: str
) -> None:
    """The stage says what should serve: it goes back with the requests, where the registry knows the way."""
    platform.models.recover()  # a killed command may have taken it back already; its line comes before the rollout's
    if [one.version for one in platform.models.list(model) if one.stage == environment] != [turned]:
        return
    with contextlib.suppress(NotFoundError):  # rejected, never in this stage, or another was promoted: status shows it
        platform.models.rollback(model, environment, who=who, reason=reason, to=back, instead_of=turned)
