"""The endpoint's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from ...contract.deployment import ServedModel

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class EndpointMetrics:
    """What is counted, in a registry of its own."""

    def __init__(self, served: ServedModel) -> None:
        """Everything starts at zero."""
        disable_created_metrics()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "groundplan_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "groundplan_request_seconds", "From a request's head to the end of its answer.", ["route"],
            buckets=_BUCKETS, registry=self._registry,
        )  # fmt: skip
        self.in_flight = Gauge("groundplan_requests_in_flight", "Requests being answered.", registry=self._registry)
        self.rows = Counter("groundplan_rows", "Rows predicted.", registry=self._registry)
        self.log_failures = Counter(
            "groundplan_request_log_failures", "Request log lines that could not be written.", registry=self._registry
        )
        model = Gauge(
            "groundplan_model", "The model that is served; always 1.", ["model", "version", "digest"],
            registry=self._registry,
        )  # fmt: skip
        model.labels(served.name, str(served.version), served.digest).set(1)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)
