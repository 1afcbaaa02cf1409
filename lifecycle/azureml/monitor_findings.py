"""The file in which a signal of Azure ML's monitors left its figures, as groundplan's checks; only what is known.

The form is that of the component model_monitor_output_metrics, the directions those of
model_monitor_evaluate_metrics_threshold (Azure/azureml-assets, assets/model_monitoring).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..contract.monitoring import Area, CheckVerdict, MonitorCheck
from .monitor_definitions import ANSWERS, RANKS_AT_LEAST

SOURCE: Final = "azureml"

_TESTS = ("TwoSampleKolmogorovSmirnovTest", "PearsonsChiSquaredTest")
_RANKS = "NormalizedDiscountedCumulativeGain"
_BETTER_HIGH = (*_TESTS, _RANKS)
_BEFORE, _NOW = "BaselineFeatureImportance", "ProductionFeatureImportance"
_MOST_NAMED = 3
_AREAS: Mapping[str, Area] = {
    "DataDrift": "drift",
    "PredictionDrift": "prediction",
    "DataQuality": "quality",
    "FeatureAttributionDrift": "attribution",
}


class _Form(BaseModel):
    """Nothing else than what is known, and each of its own type."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)


class _Distance(_Form):
    metric_name: Literal[
        "JensenShannonDistance",
        "PopulationStabilityIndex",
        "NormalizedWassersteinDistance",
        "TwoSampleKolmogorovSmirnovTest",
        "PearsonsChiSquaredTest",
    ]
    metric_value: float | None
    threshold: float | None = None


class _Share(_Form):
    metric_name: Literal["NullValueRate", "DataTypeErrorRate", "OutOfBoundsRate"]
    target_value: float | None
    baseline_value: float | None
    threshold: float | None = None


class _Weight(_Form):
    metric_name: Literal["BaselineFeatureImportance", "ProductionFeatureImportance"]
    metric_value: float | None


class _Run(_Form):
    run_id: str | None
    metric_name: str
    run_metric_name: Literal["value"]


class _Agreement(_Run):
    metric_value: float | None
    threshold: float | None = None


class _Feature(_Form):
    data_type: str
    metrics: list[_Distance | _Share | _Weight]
    run_metrics: list[_Run]
    histogram: str | None = None


class _Rows(_Form):
    baseline_count: float | None = None
    target_count: float | None = None


class _Metrics(_Form):
    features: dict[str, _Feature]
    row_count: _Rows = _Rows()
    agreement: _Agreement | None = Field(default=None, alias="NormalizedDiscountedCumulativeGain")


class _Signal(_Form):
    signal_name: str
    signal_type: Literal["DataDrift", "PredictionDrift", "DataQuality", "FeatureAttributionDrift"]
    version: Literal["1.0.0"]
    metrics: _Metrics


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What no file says: windows with fewer than ``min_rows`` are not judged, ``ranks`` of features agree so much."""

    min_rows: int
    ranks: float = RANKS_AT_LEAST


def checks(signal: str, text: bytes, limits: Limits) -> list[MonitorCheck]:
    """The checks of a signal's file. Raises ValueError for another form."""
    found = _Signal.model_validate_json(text)
    if found.signal_name != signal:
        raise ValueError(f"the file of {signal} is one of {found.signal_name}")
    return list(_Reading(found, limits).checks())


class _Reading:
    def __init__(self, signal: _Signal, limits: Limits) -> None:
        self._limits = limits
        self._type = signal.signal_type
        self._metrics = signal.metrics
        self._rows = int(_number(signal.metrics.row_count.target_count) or 0)
        self._few = 0 < self._rows < limits.min_rows

    def checks(self) -> Iterator[MonitorCheck]:
        agreement = self._metrics.agreement
        if agreement is not None:
            # Of all signals this one is written without the threshold that it was given.
            detail = _moved(self._metrics.features)
            yield self._check("model", _RANKS, agreement.metric_value, self._limits.ranks, detail)
        for name, feature in sorted(self._metrics.features.items()):
            for one in feature.metrics:
                if not isinstance(one, _Weight):
                    yield self._of(name, one)

    def _of(self, feature: str, one: _Distance | _Share) -> MonitorCheck:
        if self._type == "DataQuality" and isinstance(one, _Share):
            return self._check(
                feature, one.metric_name, one.target_value, one.threshold, _reference(one.baseline_value)
            )
        if self._type in ("DataDrift", "PredictionDrift") and isinstance(one, _Distance):
            answers = self._type == "PredictionDrift" and feature == ANSWERS
            detail = "how likely it is that nothing changed, for this alone" if one.metric_name in _TESTS else ""
            subject = "predictions" if answers else feature
            return self._check(subject, one.metric_name, one.metric_value, one.threshold, detail)
        raise ValueError(f"{one.metric_name} of {feature} in a signal of {self._type}")

    def _check(
        self, subject: str, statistic: str, value: float | None, threshold: float | None, detail: str
    ) -> MonitorCheck:
        value, threshold = _number(value), _number(threshold)
        return MonitorCheck(
            area=_AREAS[self._type],
            subject=subject,
            statistic=statistic,
            value=value,
            threshold=threshold,
            verdict="not enough data" if self._few else _verdict(statistic, value, threshold),
            rows=self._rows,
            detail=detail,
            source=SOURCE,
        )


def _verdict(statistic: str, value: float | None, threshold: float | None) -> CheckVerdict:
    if value is None or threshold is None:
        return "not judged"
    found = value < threshold if statistic in _BETTER_HIGH else value > threshold
    return "alert" if found else "ok"


def _number(value: float | None) -> float | None:
    """A number; Azure ML writes NaN for what it has none for."""
    return value if value is not None and math.isfinite(value) else None


def _reference(value: float | None) -> str:
    number = _number(value)
    return "" if number is None else f"{number:.4g} in the reference data"


def _moved(features: Mapping[str, _Feature]) -> str:
    """The features whose share of all importance changed most."""
    before, now = (_shares(features, name) for name in (_BEFORE, _NOW))
    if not before or not now:
        return ""
    most = sorted(features, key=lambda name: (-abs(now[name] - before[name]), name))[:_MOST_NAMED]
    return "shares of importance: " + ", ".join(f"{name} {before[name]:.0%}, now {now[name]:.0%}" for name in most)


def _shares(features: Mapping[str, _Feature], metric: str) -> Mapping[str, float]:
    """Each feature's share of all importance; empty where that is not known of each."""
    found = {name: one for name, feature in features.items() for one in feature.metrics if one.metric_name == metric}
    weights = {name: _number(one.metric_value) for name, one in found.items() if isinstance(one, _Weight)}
    known = {name: abs(weight) for name, weight in weights.items() if weight is not None}
    total = sum(known.values())
    return {name: weight / total for name, weight in known.items()} if total and known.keys() == features.keys() else {}
