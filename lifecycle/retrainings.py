"""Carries retrainings out: train, hold against the champion, register a winner, promote it, hand it to a rollout.

What is done is put on record step by step, so that whoever comes after a kill goes on from there.
Whoever calls one of these is the only one who trains.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from ..core.errors import CancelledError, GateFailedError, GroundplanError, LockedError, PolicyError
from . import gates, promotion, registration
from .contract.model import ModelPlan, ModelVersion
from .contract.platform import Platform
from .contract.retraining import Outcome, RetrainingDecision
from .contract.rubric import ChampionRule
from .contract.run import Run

FAIR = ChampionRule(metric=None, margin=0.0, confidence=0.95, resamples=1000)
"""How a challenger is held against the champion where the first environment's rubric does not say it."""

ATTEMPTS = 3
"""So often a retraining that is killed is begun; then it has failed."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a retraining is carried out with.

    ``train`` runs the pipeline on the window; ``alone`` holds off whoever else would change versions and their stages
    while the winner is promoted and handed over; ``permit`` asks the rules before a promotion into an environment and
    raises PolicyError; ``hand_over`` starts the configured rollout there and says in words what has begun, "" where no
    endpoint serves the model.
    """

    train: Callable[[], Run]
    alone: Callable[[], AbstractContextManager[None]]
    permit: Callable[[ModelVersion, str], None]
    hand_over: Callable[[ModelVersion, str], str]


def put_on_record(
    platform: Platform, decision: RetrainingDecision, *, who: str, now: datetime
) -> RetrainingDecision:  # fmt: skip
    """Keep a decision under an id of its own."""
    kept = replace(decision, id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", who=who)
    platform.retrainings.keep(kept)
    return kept


def begun(decisions: Sequence[RetrainingDecision]) -> RetrainingDecision | None:
    """The retraining that was begun and has no outcome yet."""
    return next((one for one in reversed(decisions) if one.decision == "retrain" and not one.outcome), None)


def carry_out(
    platform: Platform, plan: ModelPlan, decision: RetrainingDecision, means: Means, *, who: str
) -> RetrainingDecision:
    """Do what was decided, or go on with it; the decision with its outcome, which is on record.

    A challenger that does not beat the champion changes nothing. Raises what training raises, once the failure is on
    record.
    """
    attempt = int(str(decision.details.get("attempt", 0))) + 1
    if attempt > ATTEMPTS:
        return _ended(platform, decision, "failed", why=f"it was cut short {ATTEMPTS} times")
    decision = _kept(platform, decision, {"attempt": attempt})
    try:
        if decision.version is None:
            decision = _challenge(platform, plan, decision, means, who=who)
        if decision.outcome:
            return decision
        with means.alone():
            return _follow(platform, plan, decision, means, who=who)
    except (CancelledError, LockedError):  # it goes on with the next call, which is no attempt more
        _kept(platform, decision, {"attempt": attempt - 1})
        raise
    except GroundplanError as error:
        _ended(platform, decision, "failed", why=error.message)
        raise


def _challenge(
    platform: Platform, plan: ModelPlan, decision: RetrainingDecision, means: Means, *, who: str
) -> RetrainingDecision:
    """Train and judge; the version is registered when it beats the champion on the challenger's held-out rows."""
    champion = promotion.furthest(plan, platform.models.list(plan.name))
    run = means.train()
    decision = replace(decision, run_id=run.id)
    judgement = registration.judge_and_register(platform, run, against_champion(plan), who=who)
    compared = [gates.describe(check) for check in judgement.verdict.checks if check.name == "champion"]
    found: dict[str, object] = {"comparison": "" if judgement.unchanged else compared[0]}
    if judgement.version is None:
        failures = "; ".join(gates.describe(check) for check in judgement.verdict.failures)
        return _ended(platform, decision, "lost", why=failures, found=found)
    if champion is not None and judgement.version == champion.version:
        return _ended(platform, decision, "lost", why=f"the same model as version {champion.version}", found=found)
    platform.runs.record(replace(run, models={**run.models, plan.name: f"v{judgement.version}"}))
    version = platform.models.get(plan.name, judgement.version)
    if version.status == "rejected" or _was_turned_back(platform, version):
        why = f"the same model as version {version.version}, which was rejected or rolled back"
        return _ended(platform, decision, "lost", why=why, found=found)
    return _kept(platform, replace(decision, version=judgement.version), found)


def _follow(
    platform: Platform, plan: ModelPlan, decision: RetrainingDecision, means: Means, *, who: str
) -> RetrainingDecision:
    """Promote the winner as far as nobody's yes is needed, up to where the champion is, and hand it over there."""
    assert decision.version is not None  # noqa: S101 registered before
    handed: dict[str, str] = {}
    waits = ""
    last = plan.environments.index(decision.environment)
    for environment in plan.environments[: last + 1]:
        version = platform.models.get(plan.name, decision.version)
        if not _is_past(plan, version, environment):
            waits = _promoted(platform, plan, version, environment, decision, means, who=who)
            if waits:
                break
            version = platform.models.get(plan.name, decision.version)
        if version.stage == environment and (said := means.hand_over(version, environment)):
            handed[environment] = said
    version = platform.models.get(plan.name, decision.version)
    found = {"stage": version.stage or "", "rollouts": handed, "waits": waits}
    return _ended(platform, decision, "won", why=waits, found=found)


def _promoted(
    platform: Platform, plan: ModelPlan, version: ModelVersion, environment: str, decision: RetrainingDecision,
    means: Means, *, who: str,
) -> str:  # fmt: skip
    """Promote into one environment; what it waits for when it cannot go there, else "" ."""
    if promotion.needs_approval(plan, environment):
        people = " or ".join(plan.approvals[environment]) or "somebody"
        return f"a promotion to {environment} needs the approval of {people}"
    reason = f"retraining {decision.id}, by {decision.trigger}: {decision.reasons[decision.trigger or 'manual']}"
    try:
        means.permit(version, environment)
        promotion.promote(
            platform, plan, version, to=environment, request=promotion.Request(who=who, reason=reason)
        )  # fmt: skip
    except (GateFailedError, PolicyError) as error:
        return f"not promoted to {environment}: {error.message}"
    return ""


def against_champion(plan: ModelPlan) -> ModelPlan:
    """The plan whose first environment compares with the champion, whatever its rubric says."""
    first, rubric = next(iter(plan.rubrics.items()))
    return replace(plan, rubrics={**plan.rubrics, first: replace(rubric, champion=rubric.champion or FAIR)})


def _is_past(plan: ModelPlan, version: ModelVersion, environment: str) -> bool:
    """Whether a version is in this environment or in one that comes after it."""
    names = plan.environments
    return version.stage in names and names.index(version.stage) >= names.index(environment)


def _was_turned_back(platform: Platform, version: ModelVersion) -> bool:
    current = platform.rollouts.all()
    every = [one for last in current for one in platform.rollouts.history(last.plan.endpoint, last.plan.environment)]
    return any(
        (one.model, one.challenger, one.status) == (version.name, version.version, "rolled-back") for one in every
    )


def _kept(
    platform: Platform, decision: RetrainingDecision, found: Mapping[str, object]
) -> RetrainingDecision:  # fmt: skip
    kept = replace(decision, details={**decision.details, **found})
    platform.retrainings.keep(kept)
    return kept


def _ended(
    platform: Platform, decision: RetrainingDecision, outcome: Outcome, *, why: str,
    found: Mapping[str, object] | None = None,
) -> RetrainingDecision:  # fmt: skip
    return _kept(platform, replace(decision, outcome=outcome), {**(found or {}), "why": why})
