"""Evaluates and compares models for the registry: finds the artifacts, reuses evidence, asks the evaluating process."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from ....core import clock, digests
from ....core.errors import GroundplanError, MissingExtraError, NotFoundError
from ....core.layout import Layout
from ...contract.evidence import Comparison, Evidence
from ...contract.model import ModelPlan, ModelVersion
from ...contract.monitoring import Attribution
from ...contract.pipeline import StepInput
from ...contract.rubric import ChampionRule
from ...contract.run import Artifact, Run
from .. import loading
from . import store
from .child import call
from .requests import (
    AttributionRequest,
    CompareRequest,
    Demands,
    HeldOutData,
    Measurement,
    MeasureRequest,
    ModelFile,
    Profile,
    ProfileRequest,
)

_LOOK_SECONDS = 600.0
"""A look at a window does not wait longer for a model."""

EVALUATION_VERSION = 1
"""Raised when the same model and data would give other values; kept evidence is then made anew."""


def evaluate(layout: Layout, run: Run, plan: ModelPlan) -> Evidence:
    """Measure a run's model on its held-out data: all metrics, and what any of the plan's rubrics asks for.

    The same model, data and demands give the evidence that is there, while it is fresh. Raises NotFoundError (the run
    has no such output), StoreCorruptedError (the model was changed), DataError, GateFailedError (the model gives no
    usable predictions), PolicyError (untrusted types), TimeoutReachedError, ResourceFailedError.
    """
    model = _artifact(run, plan.model_output, kind="model")
    data = _artifact(run, plan.test_output, kind="dataset")
    request = MeasureRequest(
        model=ModelFile(path=model.path, digest=model.digest, trusted_types=plan.trusted_types),
        data=_test_data(plan, data.path, data.digest),
        demands=Demands.of(plan.rubrics.values()),
        training=training_data(run, plan),
        attribution=plan.attribution,
    )
    key = _key(plan, request)
    kept = store.read(layout, key)
    if kept is not None and store.is_fresh(kept, plan.rubrics.values(), clock.now()):
        loading.verify(model.path, model.digest)
        return kept
    name = key.rpartition(":")[2]
    measured = call(request, root=layout.root, folder=store.folder(layout), name=name).measurement
    if measured is None:
        raise GroundplanError("the evaluating process answered another question")
    evidence = _evidence(run, plan, model, data, measured)
    store.write(layout, key, evidence)
    if measured.profile is not None:
        store.write_profile(layout, model.digest, measured.profile)
    return evidence


def profile(layout: Layout, run: Run, plan: ModelPlan) -> Profile:
    """What a run's model learned from, made when the run was evaluated or made now. Raises as ``evaluate``."""
    model = _artifact(run, plan.model_output, kind="model")
    kept = store.read_profile(layout, model.digest)
    if kept is not None and (kept.attribution is not None or not plan.attribution):
        return kept
    data = _artifact(run, plan.test_output, kind="dataset")
    request = ProfileRequest(
        model=ModelFile(path=model.path, digest=model.digest, trusted_types=plan.trusted_types),
        data=_test_data(plan, data.path, data.digest),
        training=training_data(run, plan),
        attribution=plan.attribution,
    )
    name = f"profile-{model.digest[-16:]}"
    made = call(request, root=layout.root, folder=store.folder(layout), name=name).profile
    if made is None:
        raise GroundplanError("the evaluating process answered another question")
    store.write_profile(layout, model.digest, made)
    return made


def attribute(
    layout: Layout, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan
) -> Attribution:
    """How much each column matters to a version's answers to these rows, as they were logged.

    Raises DataError (the model cannot take them), StoreCorruptedError (the model was changed), PolicyError (untrusted
    types), TimeoutReachedError, ResourceFailedError.
    """
    request = AttributionRequest(
        model=ModelFile(path=version.path, digest=version.digest, trusted_types=version.trusted_types),
        task=plan.task,
        rows=tuple(rows),
    )
    name = f"attribution-{secrets.token_hex(8)}"
    folder = store.folder(layout)
    found = call(request, root=layout.root, folder=folder, name=name, limit=_LOOK_SECONDS).attribution
    if found is None:
        raise GroundplanError("the evaluating process answered another question")
    return found


def training_data(run: Run, plan: ModelPlan) -> Path | None:
    """The file that the run's model learned from, where the pipeline says which that is and it is still there."""
    source = plan.training_output
    step = None if source is None else run.steps.get(source.step)
    artifact = None if step is None or source is None else step.outputs.get(source.output)
    return artifact.path if artifact is not None and artifact.path.is_file() else None


def compare(
    layout: Layout,
    *,
    challenger: ModelVersion,
    champion: ModelVersion,
    test_data: Path,
    plan: ModelPlan,
    rule: ChampionRule,
) -> Comparison:
    """Challenger against champion on the same held-out rows, by paired bootstrap; what was compared before is kept.

    Raises as ``evaluate``, and UsageError for a metric that cannot be compared row by row.
    """
    request = CompareRequest(
        challenger=ModelFile(path=challenger.path, digest=challenger.digest, trusted_types=plan.trusted_types),
        champion=ModelFile(path=champion.path, digest=champion.digest, trusted_types=champion.trusted_types),
        champion_version=str(champion.version),
        data=_test_data(plan, test_data),
        metric=rule.metric,
        confidence=rule.confidence,
        resamples=rule.resamples,
        seed=next((rubric.seed for rubric in plan.rubrics.values() if rubric.champion == rule), 42),
    )
    key = _comparison_key(request)
    kept = store.read_comparison(layout, key)
    if kept is not None:
        for model in (request.challenger, request.champion):
            loading.verify(model.path, model.digest)
        return kept
    name = f"compare-{challenger.digest[-16:]}-{champion.digest[-16:]}"
    comparison = call(request, root=layout.root, folder=store.folder(layout), name=name).comparison
    if comparison is None:
        raise GroundplanError("the evaluating process answered another question")
    store.write_comparison(layout, key, comparison)
    return comparison


def _artifact(run: Run, source: StepInput, *, kind: str) -> Artifact:
    step = run.steps.get(source.step)
    artifact = step.outputs.get(source.output) if step is not None else None
    if artifact is None or artifact.type != kind:
        raise NotFoundError(
            f"run {run.id} has no output {source.step}.{source.output} of type {kind}",
            hint="Check 'output' and 'test' of the model in groundplan.yaml, and run its pipeline: groundplan run",
        )
    return artifact


def _test_data(plan: ModelPlan, path: Path, digest: str = "") -> HeldOutData:
    return HeldOutData(path=path, digest=digest, target=plan.target, task=plan.task, positive_class=plan.positive_class)


def _key(plan: ModelPlan, request: MeasureRequest) -> str:
    return digests.of_value(
        {
            "model": [plan.name, request.model.digest, request.model.trusted_types],
            "data": [request.data.digest, plan.task, plan.target, plan.positive_class],
            "demands": dataclasses.asdict(request.demands),
            **({"attribution": True} if request.attribution else {}),
            "evaluation": [EVALUATION_VERSION, _installed("scikit-learn"), _installed("fairlearn")],
        }
    )


def _comparison_key(request: CompareRequest) -> str:
    data = request.data
    return digests.of_value(
        {
            "models": [[one.digest, one.trusted_types] for one in (request.challenger, request.champion)],
            "champion": request.champion_version,
            "data": [digests.of_path(data.path) if data.path.exists() else "", data.task, data.target,
                     data.positive_class],
            "rule": [request.metric, request.confidence, request.resamples, request.seed],
            "evaluation": [EVALUATION_VERSION, _installed("scikit-learn")],
        }
    )  # fmt: skip


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError as error:
        raise MissingExtraError(
            f"{package} is not installed; evaluating a model needs the extra 'local'",
            hint="pip install 'groundplan[local]'",
        ) from error


def _evidence(run: Run, plan: ModelPlan, model: Artifact, data: Artifact, measured: Measurement) -> Evidence:
    code = run.code
    return Evidence(
        model=plan.name,
        task=plan.task,
        model_digest=model.digest,
        data_digest=data.digest,
        rows=measured.rows,
        metrics=measured.metrics,
        made=clock.to_text(clock.now()),
        code_version=f"{code.commit}{'-dirty' if code.dirty else ''}" if code.commit else code.digest,
        groundplan_version=metadata.version("groundplan"),
        run_id=run.id,
        slices=measured.slices,
        fairness=measured.fairness,
        disturbances=measured.disturbances,
        notes=measured.notes,
    )
