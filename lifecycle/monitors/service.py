"""The service: latency, errors, volume, and what can be known of cost."""

from __future__ import annotations

import statistics

import numpy as np

from ..contract.monitoring import MonitorCheck, MonitorPlan
from .window import WindowData

LEAST_REQUESTS = 50
"""Shares and percentiles of fewer requests say nothing."""


def service(plan: MonitorPlan, data: WindowData) -> list[MonitorCheck]:
    """The checks of what the endpoint did, whatever it was asked."""
    return [_latency(plan, data), _errors(plan, data), _volume(plan, data), _cost(plan, data)]


def _latency(plan: MonitorPlan, data: WindowData) -> MonitorCheck:
    times = _times(data)
    if data.requests < LEAST_REQUESTS or times is None:
        return _too_few("latency_p95_ms", plan.latency_p95_ms, data)
    median, value = times
    return MonitorCheck(
        area="service", subject="latency", statistic="latency_p95_ms", value=value, threshold=plan.latency_p95_ms,
        verdict="alert" if value > plan.latency_p95_ms else "ok", rows=data.requests,
        detail=f"95 % of the requests took at most {value:.1f} ms, half of them {median:.1f} ms",
    )  # fmt: skip


def _times(data: WindowData) -> tuple[float, float] | None:
    """What half of the requests and what 95 % of them took at most, in milliseconds."""
    if data.observed is None:
        times = data.latencies_ms
        return (float(np.median(times)), float(np.percentile(times, 95))) if len(times) else None
    median, most = data.observed.latency_p50_ms, data.observed.latency_p95_ms
    return None if median is None or most is None else (median, most)


def _errors(plan: MonitorPlan, data: WindowData) -> MonitorCheck:
    if data.requests < LEAST_REQUESTS:
        return _too_few("error_rate", plan.error_rate, data)
    value = data.failed / data.requests
    return MonitorCheck(
        area="service", subject="errors", statistic="error_rate", value=value, threshold=plan.error_rate,
        verdict="alert" if value > plan.error_rate else "ok", rows=data.requests,
        detail=f"{data.failed} of {data.requests} requests failed",
    )  # fmt: skip


def _volume(plan: MonitorPlan, data: WindowData) -> MonitorCheck:
    usual = statistics.median(data.earlier) if data.earlier else 0.0
    known = plan.volume_change is not None and usual >= LEAST_REQUESTS
    ratio = data.requests / usual if usual else None
    limit = plan.volume_change or 0.0
    alert = known and ratio is not None and not 1 / limit <= ratio <= limit
    against = f"; the windows before had {usual:.0f}" if data.earlier else "; there is no window before"
    return MonitorCheck(
        area="volume", subject="requests", statistic="requests", value=float(data.requests),
        threshold=plan.volume_change, verdict="alert" if alert else "ok" if known else "not enough data",
        rows=data.requests, detail=f"{data.requests} requests{against}",
    )  # fmt: skip


def _cost(plan: MonitorPlan, data: WindowData) -> MonitorCheck:
    budget = "" if plan.monthly_budget is None else f" The budget of {plan.monthly_budget:g} a month is not judged."
    busy, detail = None, "The cloud sends the bill, and tells those of the budget's contacts."
    if data.observed is None:
        busy = float(np.sum(data.latencies_ms)) / 1000
        detail = f"This machine sends no bill: what is known is that requests were at work for {busy:.1f} s.{budget}"
    return MonitorCheck(
        area="cost", subject="endpoint", statistic="busy_seconds", value=busy, threshold=None, verdict="not judged",
        rows=data.requests, detail=detail,
    )  # fmt: skip


def _too_few(statistic: str, threshold: float, data: WindowData) -> MonitorCheck:
    return MonitorCheck(
        area="service", subject="latency" if statistic == "latency_p95_ms" else "errors", statistic=statistic,
        value=None, threshold=threshold, verdict="not enough data", rows=data.requests,
        detail=f"{data.requests} requests; {LEAST_REQUESTS} are needed",
    )  # fmt: skip
