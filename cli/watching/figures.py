"""What watch counts, as Prometheus metrics in a registry of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...lifecycle.contract.retraining import RetrainingDecision
    from ...lifecycle.contract.rollout import Rollout


class Figures:
    """Everything starts at zero with the process."""

    def __init__(self) -> None:
        """Imports the client of Prometheus, which comes with the extra ``local``."""
        from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, disable_created_metrics

        disable_created_metrics()
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.rounds = Counter("groundplan_watch_rounds", "Rounds that ended.", registry=registry)
        self.round_seconds = Gauge("groundplan_watch_round_seconds", "How long the last round took.", registry=registry)
        self.round_ended = Gauge(
            "groundplan_watch_round_ended_timestamp_seconds", "When the last round ended.", registry=registry
        )
        self.failures = Counter("groundplan_watch_failures", "Parts that failed.", ["part"], registry=registry)
        self.failing = Gauge("groundplan_watch_part_failing", "1 while a part fails.", ["part"], registry=registry)
        self._ready = Gauge(
            "groundplan_endpoint_ready", "1 when the endpoint is ready.", ["endpoint", "environment"], registry=registry
        )
        self._started = Counter("groundplan_endpoint_starts", "Endpoints started again by watch.", registry=registry)
        self._traffic = Gauge(
            "groundplan_rollout_traffic_percent", "The share that a rollout under way gives to a version.",
            ["endpoint", "environment", "version"], registry=registry,
        )  # fmt: skip
        self._decisions = Counter(
            "groundplan_retraining_decisions", "Decisions on retraining that were put on record.",
            ["model", "decision", "trigger", "outcome"], registry=registry,
        )  # fmt: skip

    def endpoints(self, ready: Mapping[str, bool], *, started: int) -> None:
        """Which endpoints are ready, by ``name@environment``."""
        self._ready.clear()
        for at, is_ready in ready.items():
            name, _, environment = at.rpartition("@")
            self._ready.labels(name, environment).set(int(is_ready))
        self._started.inc(started)

    def rollouts(self, rollouts: Sequence[Rollout]) -> None:
        """The shares of the rollouts that are under way."""
        from ...lifecycle import rollout

        self._traffic.clear()
        for one in rollouts:
            if not one.is_final:
                for version, share in rollout.traffic(one).shares.items():
                    self._traffic.labels(one.plan.endpoint, one.plan.environment, str(version)).set(share)

    def decided(self, decision: RetrainingDecision) -> None:
        """Count a decision."""
        self._decisions.labels(decision.model, decision.decision, decision.trigger or "", decision.outcome).inc()

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)
