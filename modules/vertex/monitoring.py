"""Monitoring at Google Cloud: alerts on endpoints and pipelines, who is told, and a dashboard.

What an endpoint is asked is compared with the training data by the lifecycle, which reads the log of requests.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_gcp import logging, monitoring

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.monitoring import MonitoringArguments, MonitoringOutputs, WatchedEndpoint
from . import channels, dashboard, measures, names
from .labels import labels

_PERIOD = "300s"
_CLOSES_AFTER = "86400s"
_TOLD_AT_MOST_EVERY = "3600s"


class Monitoring(Component):
    """Watches each endpoint's latency, errors and load, and every run of a pipeline."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: MonitoringArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._ready: list[pulumi.Resource] = list(arguments.foundation.ready)
        told = channels.emails(self, arguments.contacts, self._ready)
        self._channels = [one.id for one in told]
        failures = self._count_failures()
        self._alert_on_failures()
        for watched in arguments.endpoints:
            self._alert_on_latency(watched)
            self._alert_on_errors(watched)
            self._alert_on_load(watched)
        board = self._dashboard(failures)
        self.steps = tuple(_monitor(watched, arguments, context.environment) for watched in arguments.endpoints)
        self.outputs = MonitoringOutputs(channels=tuple(self._channels), dashboard_id=board.id, monitors={})
        self.done({"dashboard_id": board.id, "channels": self._channels})

    def _count_failures(self) -> logging.Metric:
        """For the dashboard; the alert reads the log itself, as a new metric is not known to alerts for minutes."""
        return logging.Metric(
            f"{self.name}-failed-runs",
            project=self.context.account.project,
            name=names.within(self.context, 100, "failed-runs"),
            description="Runs of pipelines that failed",
            filter=measures.failed_runs(self.context),
            metric_descriptor={"metric_kind": "DELTA", "value_type": "INT64", "unit": "1"},
            opts=self.child(depends_on=self._ready),
        )

    def _alert_on_failures(self) -> None:
        self._policy(
            "run-failed",
            "A run of a pipeline failed",
            "ERROR",
            [
                {
                    "display_name": "A run failed",
                    "condition_matched_log": {"filter": measures.failed_runs(self.context)},
                }
            ],
            {"notification_rate_limit": {"period": _TOLD_AT_MOST_EVERY}, "auto_close": _CLOSES_AFTER},
        )

    def _alert_on_latency(self, watched: WatchedEndpoint) -> None:
        condition = _threshold(
            measures.of_endpoint(watched, measures.LATENCY),
            self._arguments.latency_ms,
            "ALIGN_PERCENTILE_95",
            "REDUCE_MAX",
        )
        self._policy(
            f"{watched.endpoint}-latency",
            f"Endpoint {watched.endpoint} answers slowly",
            "WARNING",
            [
                {
                    "display_name": f"95th percentile above {self._arguments.latency_ms:g} ms",
                    "condition_threshold": condition,
                }
            ],
        )

    def _alert_on_errors(self, watched: WatchedEndpoint) -> None:
        share = self._arguments.error_share
        condition = {
            **_threshold(measures.of_endpoint(watched, measures.ERRORS), share, "ALIGN_RATE", "REDUCE_SUM"),
            "denominator_filter": measures.of_endpoint(watched, measures.REQUESTS),
            "denominator_aggregations": [_aggregation("ALIGN_RATE", "REDUCE_SUM")],
        }
        self._policy(
            f"{watched.endpoint}-errors",
            f"Endpoint {watched.endpoint} answers with errors",
            "ERROR",
            [{"display_name": f"More than {share:.2%} of the requests", "condition_threshold": condition}],
        )

    def _alert_on_load(self, watched: WatchedEndpoint) -> None:
        share, machine = self._arguments.saturation, watched.outputs.machine
        loads = [("processors", measures.PROCESSORS, share * (1 if machine is None else machine.vcpus)),
                 ("memory", measures.MEMORY, share)]  # fmt: skip
        if machine is not None and machine.gpus:
            loads.append(("GPUs", measures.GPUS, share))
        self._policy(
            f"{watched.endpoint}-load",
            f"Endpoint {watched.endpoint} is at its limit",
            "WARNING",
            [
                {
                    "display_name": f"More than {share:.0%} of the {what}",
                    "condition_threshold": _threshold(
                        measures.of_endpoint(watched, metric), limit, "ALIGN_MEAN", "REDUCE_MEAN"
                    ),
                }
                for what, metric, limit in loads
            ],
        )

    def _policy(
        self, what: str, title: str, severity: str, conditions: list[Any], strategy: dict[str, Any] | None = None
    ) -> monitoring.AlertPolicy:
        context = self.context
        return monitoring.AlertPolicy(
            f"{self.name}-{what}",
            project=context.account.project,
            display_name=f"{context.project} {context.environment}: {title}",
            combiner="OR",
            severity=severity,
            enabled=True,
            conditions=conditions,
            alert_strategy=monitoring.AlertPolicyAlertStrategyArgs(**(strategy or {"auto_close": _CLOSES_AFTER})),
            notification_channels=self._channels,
            user_labels=labels(context),
            opts=self.child(depends_on=self._ready),
        )

    def _dashboard(self, failures: logging.Metric) -> monitoring.Dashboard:
        return monitoring.Dashboard(
            f"{self.name}-dashboard",
            project=self.context.account.project,
            dashboard_json=dashboard.of(self.context, self._arguments.endpoints),
            opts=self.child(depends_on=[failures]),
        )


def _threshold(filter: str, limit: float, aligner: str, reducer: str) -> dict[str, Any]:
    return {
        "filter": filter,
        "comparison": "COMPARISON_GT",
        "threshold_value": limit,
        "duration": _PERIOD,
        "aggregations": [_aggregation(aligner, reducer)],
        "trigger": {"count": 1},
    }


def _aggregation(aligner: str, reducer: str) -> dict[str, str]:
    return {"alignment_period": _PERIOD, "per_series_aligner": aligner, "cross_series_reducer": reducer}


def _monitor(watched: WatchedEndpoint, arguments: MonitoringArguments, environment: str) -> AfterUp:
    if not watched.outputs.requests:
        return AfterUp(
            title=f"Log requests of endpoint {watched.endpoint}, so that drift can be seen",
            reason=f"endpoints.{watched.endpoint}.log_sample is 0, and a monitor reads what was logged",
        )
    return AfterUp(
        title=f"Look at what endpoint {watched.endpoint} is asked, by the clock",
        reason="the provider has no resource for a model monitor; the lifecycle judges the log of requests itself "
        f"({arguments.statistic} above {arguments.threshold:g}, at least {arguments.min_rows} rows)",
        command=f"groundplan monitor run {watched.endpoint} -e {environment}",
    )
