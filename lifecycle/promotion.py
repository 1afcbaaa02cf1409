"""Moves model versions from environment to environment: what may go where, on whose yes, on which evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ..core import clock
from ..core.errors import NotFoundError, PolicyError, StoreCorruptedError, UsageError
from ..core.suggestions import did_you_mean
from . import gates, model_card
from .contract.evidence import Comparison, Evidence, Verdict
from .contract.model import ModelPlan, ModelVersion, Override
from .contract.platform import Platform
from .contract.rubric import ChampionRule, Rubric
from .contract.run import Run
from .rollout_guard import demand_none


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who wants a version promoted, why, and on whose yes; ``override_by`` lets a failed gate pass in the open."""

    who: str
    reason: str = ""
    approved_by: tuple[str, ...] = ()
    override_by: str | None = None


def next_environment(plan: ModelPlan, version: ModelVersion) -> str | None:
    """The environment that comes after the version's own; None when it is in the last one."""
    names = plan.environments
    if version.stage not in names:
        return names[0] if names else None
    position = names.index(version.stage) + 1
    return names[position] if position < len(names) else None


def candidate(plan: ModelPlan, versions: Sequence[ModelVersion]) -> ModelVersion:
    """The newest version that passed its gate and can go further: not rejected, not retired, not in the last stage.

    Versions older than the one in the last stage are left out. Raises NotFoundError when none is left.
    """
    for version in sorted(versions, key=lambda one: one.version, reverse=True):
        if next_environment(plan, version) is None:
            break
        if (
            version.status == "registered"
            and version.verdict is not None
            and (version.verdict.passed or version.overrides)
        ):
            return version
    raise NotFoundError(
        f"no version of {plan.name} can be promoted",
        hint="groundplan run registers a new one when it passes its gate." if not versions
        else f"groundplan models list {plan.name} shows how they stand; groundplan run makes a new one.",
    )  # fmt: skip


def needs_approval(plan: ModelPlan, environment: str) -> bool:
    """Whether a promotion into this environment needs somebody's yes."""
    return environment in plan.approvals


def target(plan: ModelPlan, version: ModelVersion, to: str | None = None) -> str:
    """The environment that a promotion goes to, ``to`` or the next one. Raises NotFoundError, PolicyError.

    A version that is in ``to`` already is there: that is no error.
    """
    if to is not None and to not in plan.environments:
        raise NotFoundError(f"there is no environment {to!r}", hint=did_you_mean(to, plan.environments))
    label = f"{version.name} v{version.version}"
    if version.status == "rejected":
        raise PolicyError(
            f"{label} was rejected and cannot be promoted", hint="groundplan run makes a new version to promote."
        )
    if to is not None and to == version.stage:
        return to
    following = next_environment(plan, version)
    if following is None:
        raise PolicyError(f"{label} is in {version.stage}, the last environment: there is nowhere further to go")
    if to in (None, following):
        return following
    order = " → ".join(plan.environments)
    raise PolicyError(
        f"{label} is in {version.stage or 'no environment yet'}; the next one is {following}, not {to} ({order})",
        hint=f"groundplan models promote {version.name} {version.version} --to {following}",
    )


def promote(
    platform: Platform, plan: ModelPlan, version: ModelVersion, *, to: str | None = None, request: Request
) -> ModelVersion:
    """Put a version one environment further, when its evidence meets that environment's rubric.

    Again is the same as once, but that evidence grown too old is made anew. Raises PolicyError (order, approval,
    evidence that cannot be made anew), GateFailedError, StoreCorruptedError (the model is not what was evaluated:
    nobody can override that).
    """
    environment = target(plan, version, to)
    if version.stage == environment and _still_stands(plan, version, environment):
        model_card.keep(platform, plan, version)
        return version
    demand_none(platform, plan.name, environment, "the promotion")
    if request.override_by is not None and not request.reason:
        raise UsageError("an override needs a reason", hint="Say why the failed gate may pass: --reason TEXT")
    _require_approval(plan, environment, request, version)
    platform.models.verify(version)
    evidence, verdict = judge_for(platform, plan, version, environment)
    override = overridden(verdict, person=request.override_by, reason=request.reason)
    if override is None:
        gates.require(verdict)
    champion = in_stage(platform, plan.name, environment)
    moved = platform.models.move(
        version,
        to=environment,
        who=request.who,
        reason=request.reason,
        evidence=evidence,
        verdict=verdict,
        override=override,
        approved_by=request.approved_by,
    )
    model_card.keep(platform, plan, moved)
    _keep_card_of(platform, plan, champion)
    return moved


def reject(platform: Platform, plan: ModelPlan, version: ModelVersion, *, who: str, reason: str) -> ModelVersion:
    """Take a version out of its stage for good. Raises UsageError without a reason."""
    if not reason:
        raise UsageError("a rejection needs a reason", hint="Say why: --reason TEXT")
    demand_none(platform, plan.name, version.stage, "the rejection")
    rejected = platform.models.reject(version, who=who, reason=reason)
    model_card.keep(platform, plan, rejected)
    return rejected


def rollback(platform: Platform, plan: ModelPlan, environment: str, *, who: str, reason: str) -> ModelVersion:
    """Put the version back that was in this environment before. Raises UsageError, NotFoundError."""
    if environment not in plan.environments:
        raise NotFoundError(
            f"there is no environment {environment!r}", hint=did_you_mean(environment, plan.environments)
        )
    if not reason:
        raise UsageError("a rollback needs a reason", hint="Say why: --reason TEXT")
    demand_none(platform, plan.name, environment, "going back in the registry")
    current = in_stage(platform, plan.name, environment)
    restored = platform.models.rollback(plan.name, environment, who=who, reason=reason)
    model_card.keep(platform, plan, restored)
    _keep_card_of(platform, plan, current)
    return restored


def furthest(plan: ModelPlan, versions: Sequence[ModelVersion]) -> ModelVersion | None:
    """The version in the furthest environment that has one."""
    by_stage = {version.stage: version for version in versions}
    return next((by_stage[name] for name in reversed(plan.environments) if name in by_stage), None)


def in_stage(platform: Platform, model: str, environment: str) -> ModelVersion | None:
    """The version of a model that is in an environment now."""
    return next((one for one in platform.models.list(model) if one.stage == environment), None)


def judge_for(platform: Platform, plan: ModelPlan, version: ModelVersion, environment: str) -> tuple[Evidence, Verdict]:
    """Evidence for a version and the environment's verdict on it; evidence that does not suffice is made anew.

    Raises PolicyError when it must be made anew and the run is gone.
    """
    champion = in_stage(platform, plan.name, environment)
    kept = version.evidence
    if kept is not None and is_usable(kept, version.digest, plan.rubrics[environment]):
        evidence, verdict = judge_against(platform, plan, version, champion, environment=environment, evidence=kept)
        if verdict.passed or not _run_is_there(platform, version):
            return evidence, verdict
    evidence = _evaluated(platform, plan, version)
    return judge_against(platform, plan, version, champion, environment=environment, evidence=evidence)


def judge_against(
    platform: Platform,
    plan: ModelPlan,
    version: ModelVersion,
    champion: ModelVersion | None,
    *,
    environment: str,
    evidence: Evidence,
) -> tuple[Evidence, Verdict]:
    """The environment's verdict on this evidence, compared with the champion where the rubric asks for it."""
    rubric = plan.rubrics[environment]
    comparison = None
    if rubric.champion is not None and champion is not None and champion.digest != version.digest:
        platform.models.verify(champion)
        comparison = _comparison(platform, plan, version, champion, rule=rubric.champion, kept=evidence.comparison)
    evidence = replace(evidence, comparison=comparison)
    verdict = gates.judge(
        evidence, rubric, now=clock.now(), model_digest=version.digest, comparison=comparison, champion=champion
    )
    return evidence, verdict


def _comparison(
    platform: Platform,
    plan: ModelPlan,
    version: ModelVersion,
    champion: ModelVersion,
    *,
    rule: ChampionRule,
    kept: Comparison | None,
) -> Comparison:
    """Version against champion; where the run is gone, as it was compared before by the same rule, if it was."""
    try:
        run = _run(platform, version)
    except PolicyError:
        if kept is None or kept.champion_digest != champion.digest or not _is_by(rule, kept):
            raise
        return kept
    return platform.models.compare(version, champion, run=run, plan=plan, rule=rule)


def _is_by(rule: ChampionRule, kept: Comparison) -> bool:
    same_metric = rule.metric in (None, kept.metric)
    return same_metric and (rule.confidence, rule.resamples) == (kept.confidence, kept.resamples)


def is_usable(evidence: Evidence, digest: str, rubric: Rubric) -> bool:
    """Whether the evidence is of the model with this digest, and young enough for the rubric."""
    age = clock.now() - clock.from_text(evidence.made)
    fresh = -gates.CLOCK_TOLERANCE <= age <= timedelta(seconds=rubric.max_age_seconds)
    return fresh and evidence.model_digest == digest


def overridden(verdict: Verdict, *, person: str | None, reason: str) -> Override | None:
    """The override that lets a failed verdict pass; None when it passed, or when nobody takes it on."""
    if verdict.passed or person is None:
        return None
    return Override(
        person=person,
        reason=reason,
        environment=verdict.environment,
        when=clock.to_text(clock.now()),
        failures=tuple(gates.describe(check) for check in verdict.failures),
    )


def _require_approval(plan: ModelPlan, environment: str, request: Request, version: ModelVersion) -> None:
    if not needs_approval(plan, environment):
        return
    allowed = plan.approvals[environment]
    who = " or ".join(allowed) if allowed else "somebody"
    hint = f"groundplan models promote {version.name} {version.version} --to {environment} --approved-by "
    hint += allowed[0] if allowed else "NAME"
    if not request.approved_by:
        raise PolicyError(f"a promotion to {environment} needs the approval of {who}", hint=hint)
    others = [one for one in request.approved_by if allowed and one not in allowed]
    if others:
        raise PolicyError(f"{others[0]} may not approve a promotion to {environment}; {who} may", hint=hint)


def _evaluated(platform: Platform, plan: ModelPlan, version: ModelVersion) -> Evidence:
    """Evidence made anew from the run's own artifacts. Raises PolicyError, StoreCorruptedError."""
    evidence = platform.models.evaluate(_run(platform, version), plan)
    if evidence.model_digest != version.digest:
        raise StoreCorruptedError(
            f"the run's model is not {version.name} v{version.version}: expected {version.digest}, "
            f"found {evidence.model_digest}",
            hint="groundplan run makes and judges a new version.",
        )
    return evidence


def _still_stands(plan: ModelPlan, version: ModelVersion, environment: str) -> bool:
    return version.evidence is not None and is_usable(version.evidence, version.digest, plan.rubrics[environment])


def _run_is_there(platform: Platform, version: ModelVersion) -> bool:
    try:
        platform.runs.get(version.lineage.run_id)
    except NotFoundError:
        return False
    return True


def _run(platform: Platform, version: ModelVersion) -> Run:
    try:
        return platform.runs.get(version.lineage.run_id)
    except NotFoundError as error:
        raise PolicyError(
            f"the evidence of {version.name} v{version.version} does not suffice, "
            f"and it cannot be judged anew: {error.message}",
            hint="groundplan run makes and judges a new version.",
        ) from error


def _keep_card_of(platform: Platform, plan: ModelPlan, version: ModelVersion | None) -> None:
    if version is not None:
        model_card.keep(platform, plan, platform.models.get(version.name, version.version))
