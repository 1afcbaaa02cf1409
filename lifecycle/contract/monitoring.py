"""Monitoring: windows of what an endpoint was asked and answered, held against the data its model learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["numeric", "categorical"]
Statistic = Literal["psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein"]
Area = Literal["quality", "drift", "prediction", "performance", "fairness", "service", "volume", "cost"]
CheckVerdict = Literal["ok", "alert", "not enough data", "not judged"]


@dataclass(frozen=True, kw_only=True)
class FeatureProfile:
    """A feature as the training data had it: enough to compare a window with, and nobody's row.

    ``edges`` and ``shares`` are a histogram (numeric); ``categories`` the share of each value (categorical). ``sample``
    is a fixed sample of numbers for two-sample tests. ``missing`` is the share of missing values.
    """

    name: str
    kind: Kind
    missing: float
    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    categories: Mapping[str, float] = field(default_factory=dict[str, float])
    sample: tuple[float, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a model version learned from, kept when it is registered. ``digest`` is of the training data."""

    model: str
    version: int
    digest: str
    rows: int
    features: tuple[FeatureProfile, ...]
    prediction: FeatureProfile | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    made: str = ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time, from ``start`` (included) to ``end`` (excluded), RFC 3339 in UTC."""

    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class MonitorCheck:
    """One comparison. ``value`` is the statistic, ``p_value`` where it is a test, already corrected for many features.

    ``subject`` is the feature, the slice or the route; ``detail`` says in words what changed.
    """

    area: Area
    subject: str
    statistic: str
    value: float | None
    threshold: float | None
    verdict: CheckVerdict
    p_value: float | None = None
    rows: int = 0
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class MonitorReport:
    """What one look at one version's window found.

    ``alerts`` are the checks that say so after hysteresis, each as ``area: subject``, such as ``drift: age``.
    """

    endpoint: str
    environment: str
    model: str
    version: int
    window: Window
    rows: int
    labelled: int
    checks: tuple[MonitorCheck, ...]
    alerts: tuple[str, ...] = ()
    made: str = ""


@dataclass(frozen=True, kw_only=True)
class MonitorPlan:
    """What the config says of monitoring. ``hysteresis`` (n, m): n of the last m windows and the latest one alert."""

    window_seconds: float
    min_rows: int
    statistic: Statistic
    threshold: float
    alpha: float
    hysteresis: tuple[int, int]
    max_missing_increase: float
    latency_p95_ms: float
    error_rate: float
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    slices: tuple[str, ...] = ()
    monthly_budget: float | None = None
