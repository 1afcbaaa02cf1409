"""Profiles what a model learned from, and what it answers to held-out rows, for monitoring to compare with."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from ... import profiles
from ...contract.monitoring import FeatureProfile
from ..data.tables import read_frame
from ..loading import LoadedModel, load
from .attribution import attribution
from .predictions import HeldOut, Predictions, held_out, predict, truths
from .requests import Profile, ProfileRequest, text_of

_NUMERIC = frozenset({"double", "float", "long", "integer"})
PREDICTION = "prediction"
RESIDUAL = "residual"


def profile(request: ProfileRequest) -> Profile:
    """Answer a request. Raises as ``measure``."""
    model = load(request.model.path, digest=request.model.digest, trusted_types=request.model.trusted_types)
    rows = held_out(request.data, [model])
    found = profile_of(model, rows, predict(model, rows), request.training)
    return attributed(found, model, rows) if request.attribution else found


def profile_of(model: LoadedModel, rows: HeldOut, predictions: Predictions, training: Path | None) -> Profile:
    """The profile of the model's columns in the training data, or in the held-out rows where there is none."""
    frame: Any = rows.frame if training is None else read_frame(training)
    kinds = {column.name: column.type in _NUMERIC for column in model.columns if column.name in frame.columns}
    return Profile(
        rows=len(frame),
        features=tuple(_feature(name, frame[name], numeric=numeric) for name, numeric in kinds.items()),
        prediction=_prediction(predictions),
        outcomes=outcomes(predictions),
    )


def attributed(profile: Profile, model: LoadedModel, rows: HeldOut) -> Profile:
    """The profile with what the model's answers to its held-out rows depend on. Raises DataError."""
    found = attribution(model, model.inputs(rows.frame), rows.task)
    return replace(profile, attribution=replace(found, covariance=()))


def outcomes(predictions: Predictions) -> tuple[FeatureProfile, ...]:
    """What was true where the model said each class; of a regression the residuals."""
    if predictions.task == "regression":
        return (profiles.numeric(RESIDUAL, predictions.truth - predictions.predicted),)
    by_class = truths(predictions)
    return tuple(
        profiles.categorical(said, counts, sum(counts.values()), least=1) for said, counts in sorted(by_class.items())
    )


def _feature(name: str, values: Any, *, numeric: bool) -> FeatureProfile:
    if numeric:
        return profiles.numeric(name, values.to_numpy(dtype=float, na_value=float("nan")))
    present = values.dropna()
    counts = Counter(text_of(value) for value in present.tolist())
    return profiles.categorical(name, counts, len(values))


def _prediction(predictions: Predictions) -> FeatureProfile:
    if predictions.task == "regression":
        return profiles.numeric(PREDICTION, predictions.predicted)
    numbers: list[int] = predictions.predicted.tolist()
    counts = Counter(predictions.classes[number] for number in numbers)
    return profiles.categorical(PREDICTION, counts, len(numbers), least=1)
