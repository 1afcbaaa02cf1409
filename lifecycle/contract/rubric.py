"""The rubric: thresholds that a model's measurements must meet in one environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["classification", "regression"]

HIGHER_IS_BETTER: dict[str, bool] = {
    "accuracy": True,
    "precision": True,
    "recall": True,
    "f1": True,
    "roc_auc": True,
    "log_loss": False,
    "brier": False,
    "calibration_error": False,
    "mae": False,
    "rmse": False,
    "r2": True,
    "latency_p95_ms": False,
    "size_mb": False,
}
"""The metrics that groundplan measures, and the direction in which each is better."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the most a value may be; None is no bound."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, kw_only=True)
class SliceRule:
    """Bounds for ``metric`` on each value of ``column``; slices under ``min_rows`` are not judged."""

    column: str
    metric: str
    bounds: Bounds
    values: tuple[str | int | bool, ...] | None = None
    min_rows: int = 30


@dataclass(frozen=True, kw_only=True)
class FairnessRule:
    """Bounds for a gap between the groups of ``column``, as Fairlearn defines it."""

    column: str
    metric: str
    bounds: Bounds
    min_rows: int = 30


@dataclass(frozen=True, kw_only=True)
class DisturbanceRule:
    """How much worse ``metric`` may become under noise or missing values of this ``amount``."""

    kind: Literal["noise", "missing"]
    metric: str
    amount: float
    max_drop: float


@dataclass(frozen=True, kw_only=True)
class ChampionRule:
    """The challenger must be better by ``margin`` with this ``confidence`` in a paired bootstrap."""

    metric: str | None
    margin: float
    confidence: float
    resamples: int


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """What a model must show in one environment. ``max_age_seconds`` bounds the age of its evidence."""

    environment: str
    metrics: dict[str, Bounds]
    slices: tuple[SliceRule, ...] = ()
    fairness: tuple[FairnessRule, ...] = ()
    disturbances: tuple[DisturbanceRule, ...] = ()
    champion: ChampionRule | None = None
    max_age_seconds: int = 30 * 86400
    seed: int = 42
