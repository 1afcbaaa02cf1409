"""Writes a rollout's transitions into the audit log, each once, and takes a version's stage back with its requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..core.errors import NotFoundError
from .contract.platform import Platform
from .contract.rollout import Rollout, Transition


def logged(platform: Platform, state: Rollout) -> Rollout:
    """The state with all of its history in the audit log; what was rolled back has left its stage."""
    if state.audited == len(state.history):
        return state
    if state.status == "rolled-back":
        _restore_stage(platform, state)
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


def _restore_stage(platform: Platform, state: Rollout) -> None:
    """The stage says what should serve: it goes back with the requests, where the registry knows the way."""
    environment, last = state.plan.environment, state.history[-1]
    platform.models.recover()  # a killed command may have taken it back already; its line comes before the rollout's
    staged = [one.version for one in platform.models.list(state.model) if one.stage == environment]
    if staged != [state.challenger] or state.champion is None:
        return
    try:
        platform.models.rollback(
            state.model, environment, who=last.who, reason=last.reason, to=state.champion, instead_of=state.challenger
        )
    except NotFoundError:
        return  # it was rejected, never in this stage, or another was promoted just now: status shows both
