"""Baselines: beside the model of each version, what it learned from; made from its run where there is none yet."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ....core import clock, digests, files
from ....core.errors import GroundplanError, NotFoundError, StoreCorruptedError
from ....core.layout import Layout
from ...contract.model import ModelPlan, ModelVersion
from ...contract.monitoring import Baseline
from ...contract.run import Run
from ..evaluation import store
from ..evaluation.requests import Profile


def keep_measured(layout: Layout, model: Path, name: str, digest: str) -> None:
    """Keep the profile that the evaluation of this model made beside it, if it made one."""
    made = measured(layout, name, digest)
    if made is not None and not _file(model).exists():
        write(model, made)


def measured(layout: Layout, name: str, digest: str) -> Baseline | None:
    """What the evaluation of the model with this digest found that it learned from; None where it found nothing."""
    profile = store.read_profile(layout, digest)
    return None if profile is None else _baseline(name, profile, digest)


def baseline(layout: Layout, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
    """The baseline of a version, with the metrics of its evidence; with attributions, where the plan asks for them and
    its run can give them.

    Raises NotFoundError when it has none and its run cannot give one, StoreCorruptedError when it was changed.
    """
    kept = _read(version.path)
    if kept is None:
        kept = _baseline(version.name, _from_run(layout, version, run, plan), version.digest)
        write(version.path, kept)
    elif plan.attribution and kept.attribution is None:
        with contextlib.suppress(NotFoundError):
            kept = replace(kept, attribution=_from_run(layout, version, run, plan).attribution)
            write(version.path, kept)
    return kept.of_version(version)


def kept(model: Path, version: int) -> Baseline | None:
    """The baseline beside a model's folder; None where there is none. Raises StoreCorruptedError."""
    found = _read(model)
    return None if found is None else replace(found, version=version)


def _from_run(layout: Layout, version: ModelVersion, run: Run | None, plan: ModelPlan) -> Profile:
    from ..evaluation import process

    gone = f"{version.name} v{version.version} has no baseline, and its run {version.lineage.run_id}"
    hint = "groundplan run makes a new version with one; without it only the service is watched."
    if run is None:
        raise NotFoundError(f"{gone} is gone", hint=hint)
    step = run.steps.get(plan.model_output.step)
    artifact = step.outputs.get(plan.model_output.output) if step is not None else None
    if artifact is None or artifact.digest != version.digest:
        raise NotFoundError(f"{gone} does not hold its model any more", hint=hint)
    try:
        return process.profile(layout, run, plan)
    except GroundplanError as error:
        raise NotFoundError(f"{gone} gives none: {error.message}", hint=hint) from error


def _baseline(name: str, profile: Profile, digest: str) -> Baseline:
    return Baseline(
        model=name, version=0, digest=digest, rows=profile.rows, features=profile.features,
        prediction=profile.prediction, outcomes=profile.outcomes, attribution=profile.attribution,
        made=clock.to_text(clock.now()),
    )  # fmt: skip


def _file(model: Path) -> Path:
    return model.parent / "baseline.json"


def write(model: Path, kept: Baseline) -> None:
    """Keep a baseline beside its model."""
    value: Any = json.loads(TypeAdapter(Baseline).dump_json(kept))
    files.write_json(_file(model), {"digest": digests.of_value(value), "baseline": value})


def _read(model: Path) -> Baseline | None:
    path = _file(model)
    try:
        record = files.read_json(path)
        if record["digest"] == digests.of_value(record["baseline"]):
            return TypeAdapter(Baseline).validate_python(record["baseline"])
    except FileNotFoundError:
        return None
    except (KeyError, ValidationError):
        pass
    hint = "Remove it: the next groundplan monitor run makes it anew from the run, if that is still there."
    raise StoreCorruptedError(f"the baseline {path} was changed", where=str(path), hint=hint)
