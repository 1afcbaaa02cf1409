"""How a new version takes over an endpoint."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .evaluation import MetricName, Threshold
from .section import Duration, Section, Share, Text


class RolloutStep(Section):
    """A share of the requests, and how long it is watched."""

    traffic: Annotated[int, Field(ge=1, le=99)]
    """The new version's share of the requests, in percent; all of it comes last by itself."""

    bake: Duration = "10m"
    """How long it is watched at least."""


class Rollback(Section):
    """What turns a rollout back by itself."""

    error_rate: Share | None = 0.05
    """The largest share of requests that fail."""

    latency_p95_ms: Annotated[float, Field(gt=0)] | None = None
    """The largest 95th percentile of the response time, in milliseconds."""

    metrics: dict[MetricName, Threshold] = {}
    """Bounds on metrics that are measured on feedback."""

    drift: bool = False
    """Whether predictions that drift turn it back."""

    disagreement: Share | None = None
    """Shadow: the largest share of requests that the new version answers otherwise."""

    crashes: Annotated[int, Field(ge=0)] = 0
    """How often its process may be started again."""

    min_requests: Annotated[int, Field(ge=1)] = 50
    """Shares and percentiles are not judged on fewer requests."""


class Experiment(Section):
    """The A/B test of strategy ``ab``: a group-sequential test with O'Brien-Fleming bounds."""

    metric: MetricName
    """The metric on feedback that decides."""

    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """The chance of a false winner over all looks."""

    looks: Annotated[int, Field(ge=1, le=20)] = 5
    """How often it is looked at, at the most."""

    min_effect: Annotated[float, Field(ge=0)] = 0.0
    """By how much the new version must be better, in the metric's own unit."""

    min_samples: Annotated[int, Field(ge=20)] = 200
    """Labelled requests that each version needs before the first look."""

    guardrails: dict[MetricName, Threshold] = {}
    """Bounds that the new version must keep meanwhile."""


class Rollout(Section):
    """How a new version takes over: each tier of evaluation before the next one, and back by itself when it fails."""

    strategy: Literal["direct", "canary", "blue-green", "ab", "shadow"] = "direct"
    """``direct`` replaces at once; ``canary`` in steps; ``blue-green`` at once, the version before standing by; ``ab``
    lets a test decide; ``shadow`` watches a copy of the requests first and answers nobody."""

    shadow: Duration | None = "5m"
    """How long a copy of the requests is watched before the new version answers anybody; not with ``direct``. Where no
    copies can be had (Vertex AI) it must be null."""

    steps: list[RolloutStep] = [RolloutStep(traffic=10), RolloutStep(traffic=50)]
    """Canary: the shares, each larger than the one before; ``ab`` holds the first one. All of it comes last by
    itself."""

    stand_by: Duration = "10m"
    """How long the version before stays ready after all requests go to the new one."""

    sticky: Text | None = None
    """The field of a row whose value keeps a caller with one version."""

    rollback: Rollback = Rollback()
    """What turns it back by itself."""

    experiment: Experiment | None = None
    """The test of strategy ``ab``."""
