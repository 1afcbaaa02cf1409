"""What turns a rollout back: each condition held against what the new version did since its phase began."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from .contract.rollout import Conditions, Experiment
from .contract.rubric import Bounds
from .contract.traffic import Observation, VersionState


def broken(
    conditions: Conditions,
    experiment: Experiment | None,
    observed: Observation,
    state: VersionState | None,
) -> tuple[str, ...]:
    """Every condition that the new version breaks, in words; none when it does well or too little is known.

    ``experiment`` is the test under way, whose guardrails hold too; ``state`` how the version is right now.
    """
    return (
        *_process(conditions, observed, state),
        *_errors(conditions, observed),
        *_latency(conditions, observed),
        *_disagreement(conditions, observed),
        *_metrics(conditions.metrics, observed, conditions.min_requests, "the bound"),
        *_metrics(experiment.guardrails if experiment else {}, observed, conditions.min_requests, "the guardrail"),
        *_drift(conditions, observed),
    )


def asked(observed: Observation) -> int:
    """How many requests and copies reached a version."""
    return observed.requests + observed.mirrored


def _process(conditions: Conditions, observed: Observation, state: VersionState | None) -> Iterator[str]:
    if observed.restarts > conditions.crashes:
        allowed = conditions.crashes or "none"
        yield f"its process had to be started again {_times(observed.restarts)}, allowed: {allowed}"
    if state is not None and state.health in ("unhealthy", "stopped"):
        yield f"it is {state.health}{': ' if state.detail else ''}{state.detail}"


def _errors(conditions: Conditions, observed: Observation) -> Iterator[str]:
    limit, count = conditions.error_rate, asked(observed)
    if limit is not None and _too_many(observed.errors, count, limit, conditions.min_requests):
        yield f"{observed.errors} of {count} requests failed, more than {_percent(limit)}"


def _latency(conditions: Conditions, observed: Observation) -> Iterator[str]:
    limit, found = conditions.latency_p95_ms, observed.latency_p95_ms
    if limit is None or found is None or asked(observed) < conditions.min_requests:
        return
    if not found <= limit:
        yield f"the 95th percentile of the response time is {found:.0f} ms, more than {limit:.0f} ms"


def _disagreement(conditions: Conditions, observed: Observation) -> Iterator[str]:
    limit, count = conditions.disagreement, observed.mirrored
    if limit is not None and _too_many(observed.disagreements, count, limit, conditions.min_requests):
        yield f"it answered {observed.disagreements} of {count} copies otherwise, more than {_percent(limit)}"


def _metrics(bounds: Mapping[str, Bounds], observed: Observation, min_requests: int, what: str) -> Iterator[str]:
    if observed.labelled < min_requests:
        return
    for name, bound in bounds.items():
        found = observed.metrics.get(name)
        if found is None:
            continue
        if not math.isfinite(found):
            yield f"{name} is {found} on {observed.labelled} labelled requests"
        elif bound.min is not None and found < bound.min:
            yield f"{name} is {found:.4g} on {observed.labelled} labelled requests, below {what} {bound.min:g}"
        elif bound.max is not None and found > bound.max:
            yield f"{name} is {found:.4g} on {observed.labelled} labelled requests, above {what} {bound.max:g}"


def _drift(conditions: Conditions, observed: Observation) -> Iterator[str]:
    if conditions.drift and observed.drifted:
        yield f"its predictions drift: {', '.join(observed.drifted)}"


def _too_many(bad: int, count: int, limit: float, least: int) -> bool:
    """Whether the share is broken, also once nothing that still comes up to ``least`` could mend it."""
    return bad > limit * max(count, least)


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
