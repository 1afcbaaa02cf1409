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

from ...contract.deployment import Deployment

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class EndpointMetrics:
    """What is counted, in a registry of its own."""

    def __init__(self) -> None:
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
        self._model = Gauge(
            "groundplan_model", "The versions that run; always 1.", ["model", "version", "digest"],
            registry=self._registry,
        )  # fmt: skip
        self.versions = VersionMetrics(self._registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def show(self, deployment: Deployment) -> None:
        """Say which versions there are, and their shares."""
        self._model.clear()
        for served in deployment.versions:
            self._model.labels(served.name, str(served.version), served.digest).set(1)
        self.versions.show(deployment)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)


class VersionMetrics:
    """What each version does. Shares are in percent."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is shown before something happened."""

        def counter(name: str, text: str) -> Counter:
            return Counter(f"groundplan_version_{name}", text, ["version"], registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"groundplan_version_{name}", text, ["version"], registry=registry)

        self.requests = counter("requests", "Requests that were meant for the version.")
        self.errors = counter("errors", "Requests and copies that the version failed.")
        self.mirrored = counter("mirrored", "Copies of requests sent to the version.")
        self.disagreements = counter("disagreements", "Copies that it answered otherwise than who answered the caller.")
        self.mirror_dropped = counter("mirror_dropped", "Copies that were not sent because too many waited.")
        self.restarts = counter("restarts", "Times that its process died or hung and was started again.")
        self.seconds = Histogram(
            "groundplan_version_seconds", "From a request's last byte to the version's answer.", ["version"],
            buckets=_BUCKETS, registry=registry,
        )  # fmt: skip
        self.ready = gauge("ready", "Whether the version can answer.")
        self._share = gauge("share", "Its share of the requests.")
        self._mirror_share = gauge("mirror_share", "The share of requests that it gets a copy of.")

    def show(self, deployment: Deployment) -> None:
        """The shares as they are now; versions that are gone are shown no more."""
        split = deployment.split
        for shown in (self._share, self._mirror_share, self.ready):
            shown.clear()
        for served in deployment.versions:
            self._share.labels(served.version).set(split.shares.get(served.version, 0))
            mirrored = split.mirror_share if split.mirrored == served.version else 0
            self._mirror_share.labels(served.version).set(mirrored)
