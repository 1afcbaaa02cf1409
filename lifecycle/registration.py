"""From a finished run to a registered version: evaluate, compare, judge, and register what passed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from ..core import clock, digests
from ..core.errors import NotFoundError, UsageError
from . import model_card, promotion
from .contract.evidence import Evidence
from .contract.model import Judgement, Lineage, ModelPlan, ModelVersion
from .contract.pipeline import StepInput
from .contract.platform import Platform
from .contract.run import Artifact, Run


@dataclass(frozen=True, kw_only=True)
class OverrideRequest:
    """A named person lets a failed gate pass, for a reason."""

    person: str
    reason: str


def judge_and_register(
    platform: Platform, run: Run, plan: ModelPlan, *, who: str, override: OverrideRequest | None = None
) -> Judgement:
    """Judge a run's model with the first environment's rubric; register it if it passed or was overridden.

    The champion is the version in the furthest environment that has one. A model that was registered under the same
    plan from the same data gives that judgement again, while its evidence is fresh. A failed gate is a judgement
    without a version, not an error: ``gates.require`` makes it one.
    """
    if override is not None and not override.reason:
        raise UsageError("an override needs a reason", hint="Say why the failed gate may pass.")
    environment = plan.environments[0]
    run = platform.runs.described(run, (plan.model_output, plan.test_output))
    artifact = _output(run, plan.model_output)
    key = _key(plan, artifact, _output(run, plan.test_output))
    known = platform.models.recall(key)
    if known is not None and promotion.is_usable(known.evidence, artifact.digest, plan.rubrics[environment]):
        return replace(known, unchanged=True)
    evidence = platform.models.evaluate(run, plan)
    run = platform.runs.record(run)
    challenger = _unregistered(run, plan, artifact, evidence)
    champion = promotion.furthest(plan, platform.models.list(plan.name))
    evidence, verdict = promotion.judge_against(
        platform, plan, challenger, champion, environment=environment, evidence=evidence
    )
    judgement = Judgement(model=plan.name, evidence=evidence, verdict=verdict, version=None)
    accepted = promotion.overridden(
        verdict, person=override and override.person, reason=override.reason if override else ""
    )
    if not verdict.passed and accepted is None:
        return judgement
    version = platform.models.register(
        name=plan.name,
        source=artifact.path,
        digest=artifact.digest,
        lineage=challenger.lineage,
        evidence=evidence,
        verdict=verdict,
        override=accepted,
        trusted_types=plan.trusted_types,
        who=who,
    )
    model_card.keep(platform, plan, version)
    judgement = replace(judgement, version=version.version)
    platform.models.remember(key, judgement)
    return judgement


def _key(plan: ModelPlan, model: Artifact, test: Artifact) -> str:
    return digests.of_value({"model": model.digest, "test": test.digest, "plan": asdict(plan)})


def _output(run: Run, source: StepInput) -> Artifact:
    step = run.steps.get(source.step)
    artifact = step.outputs.get(source.output) if step is not None else None
    if artifact is None:
        raise NotFoundError(
            f"run {run.id} made no {source.step}.{source.output}",
            hint="Check 'output' and 'test' of the model in groundplan.yaml.",
        )
    return artifact


def _unregistered(run: Run, plan: ModelPlan, artifact: Artifact, evidence: Evidence) -> ModelVersion:
    """The run's model as the registry would hold it; number 0 is never given."""
    return ModelVersion(
        name=plan.name,
        version=0,
        stage=None,
        status="registered",
        digest=artifact.digest,
        path=artifact.path,
        created=clock.to_text(clock.now()),
        lineage=Lineage(
            run_id=run.id,
            pipeline=run.pipeline,
            data=dict(run.data),
            commit=run.code.commit,
            dirty=run.code.dirty,
            code_digest=run.code.digest,
            config_digest=run.config_digest,
            tracking_run_id=run.mlflow_run_id,
        ),
        evidence=evidence,
        trusted_types=plan.trusted_types,
        size_bytes=artifact.size_bytes,
    )
