"""Monitoring at Google Cloud: alerts, channels, the dashboard, and what is left to the lifecycle.

Not proved: that the metrics arrive, and that Cloud Monitoring draws the dashboard.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from groundplan.modules.contract.endpoint import EndpointOutputs
from groundplan.modules.contract.monitoring import MonitoringArguments, WatchedEndpoint
from groundplan.modules.vertex import names
from groundplan.modules.vertex.catalogue.sizes import SIZES
from groundplan.modules.vertex.monitoring import Monitoring

from vertex_parts import DEV, FOUNDATION, IDENTITY, STORAGE, WORKSPACE, Recorded, labels, refused

CHANNEL = f"monitoring-email-{names.token('oncall@example.com')}"
FAILED = (
    'log_id("aiplatform.googleapis.com/pipeline_job_events") AND '
    'resource.type="aiplatform.googleapis.com/PipelineJob" AND jsonPayload.state="PIPELINE_STATE_FAILED" AND '
    'labels.service_account="churn-dev-pipeline@acme-churn.iam.gserviceaccount.com"'
)


def watched(size: str | None = "n1-standard-4") -> WatchedEndpoint:
    machine = None if size is None else SIZES.get(size)
    outputs = EndpointOutputs(uri="", name="123456789", machine=machine)
    return WatchedEndpoint(endpoint="churn", model="churn", task="classification", target="left", outputs=outputs)


def made(*endpoints: WatchedEndpoint, **changes: Any) -> Recorded:
    given: dict[str, Any] = {
        "foundation": FOUNDATION,
        "identity": IDENTITY,
        "storage": STORAGE,
        "workspace": WORKSPACE,
        "endpoints": endpoints,
        "contacts": ("oncall@example.com",),
        **changes,
    }
    return Recorded(lambda: Monitoring("monitoring", DEV, MonitoringArguments(**given)))


def filter(metric: str) -> str:
    return (
        'resource.type = "aiplatform.googleapis.com/Endpoint" AND resource.labels.endpoint_id = "123456789" AND '
        f'metric.type = "aiplatform.googleapis.com/prediction/online/{metric}"'
    )


def aggregation(aligner: str, reducer: str) -> list[dict[str, str]]:
    return [{"alignmentPeriod": "300s", "perSeriesAligner": aligner, "crossSeriesReducer": reducer}]


def threshold(metric: str, limit: float, aligner: str, reducer: str) -> dict[str, Any]:
    return {
        "filter": filter(metric), "comparison": "COMPARISON_GT", "thresholdValue": limit, "duration": "300s",
        "aggregations": aggregation(aligner, reducer), "trigger": {"count": 1},
    }  # fmt: skip


def policy(title: str, severity: str, conditions: list[Any], **strategy: Any) -> dict[str, Any]:
    return {
        "project": "acme-churn",
        "displayName": f"churn dev: {title}",
        "combiner": "OR",
        "severity": severity,
        "enabled": True,
        "conditions": conditions,
        "alertStrategy": {"autoClose": "86400s", **strategy},
        "notificationChannels": [f"<{CHANNEL}.id>"],
        "userLabels": labels(),
    }


def test_slow_answers_errors_and_load_are_told() -> None:
    monitoring = made(watched())

    assert monitoring.inputs("monitoring-churn-latency") == policy(
        "Endpoint churn answers slowly",
        "WARNING",
        [
            {
                "displayName": "95th percentile above 500 ms",
                "conditionThreshold": threshold("prediction_latencies", 500, "ALIGN_PERCENTILE_95", "REDUCE_MAX"),
            }
        ],
    )
    assert monitoring.inputs("monitoring-churn-errors") == policy(
        "Endpoint churn answers with errors",
        "ERROR",
        [
            {
                "displayName": "More than 1.00% of the requests",
                "conditionThreshold": {
                    **threshold("error_count", 0.01, "ALIGN_RATE", "REDUCE_SUM"),
                    "denominatorFilter": filter("prediction_count"),
                    "denominatorAggregations": aggregation("ALIGN_RATE", "REDUCE_SUM"),
                },
            }
        ],
    )
    assert monitoring.inputs("monitoring-churn-load") == policy(
        "Endpoint churn is at its limit",
        "WARNING",
        [
            {
                "displayName": "More than 80% of the processors",
                "conditionThreshold": threshold("cpu/utilization", 3.2, "ALIGN_MEAN", "REDUCE_MEAN"),
            },
            {
                "displayName": "More than 80% of the memory",
                "conditionThreshold": threshold("memory/utilization", 0.8, "ALIGN_MEAN", "REDUCE_MEAN"),
            },
        ],
    )


@pytest.mark.parametrize(
    ("size", "limits"), [("g2-standard-8", [4.0, 0.5, 0.5]), ("n1-standard-4", [2.0, 0.5]), (None, [0.5, 0.5])]
)
def test_load_is_judged_by_the_machine(size: str | None, limits: list[float]) -> None:
    conditions: Any = made(watched(size), saturation=0.5).inputs("monitoring-churn-load")["conditions"]

    assert [one["conditionThreshold"]["thresholdValue"] for one in conditions] == limits


def test_a_run_that_fails_is_told_by_its_log_line_and_counted() -> None:
    monitoring = made()

    assert monitoring.names == ["monitoring-dashboard", CHANNEL, "monitoring-failed-runs", "monitoring-run-failed"]
    assert monitoring.inputs("monitoring-run-failed") == policy(
        "A run of a pipeline failed",
        "ERROR",
        [{"displayName": "A run failed", "conditionMatchedLog": {"filter": FAILED}}],
        notificationRateLimit={"period": "3600s"},
    )
    assert monitoring.inputs("monitoring-failed-runs") == {
        "project": "acme-churn",
        "name": "churn-dev-failed-runs",
        "description": "Runs of pipelines that failed",
        "filter": FAILED,
        "metricDescriptor": {"metricKind": "DELTA", "valueType": "INT64", "unit": "1"},
    }


def test_the_dashboard_shows_failed_runs_and_each_endpoint_without_overlap() -> None:
    board = json.loads(str(made(watched()).inputs("monitoring-dashboard")["dashboardJson"]))
    tiles = board["mosaicLayout"]["tiles"]

    assert board["displayName"] == "churn dev"
    assert [tile["widget"]["title"] for tile in tiles] == [
        "Runs of pipelines that failed", "churn: 95th percentile of the latency (ms)", "churn: Requests a second",
        "churn: Errors a second", "churn: Busy processors of a machine", "churn: Share of the memory",
        "churn: Machines",
    ]  # fmt: skip
    places = [(tile["xPos"], tile["yPos"]) for tile in tiles]
    assert places == [(0, 0), (24, 0), (0, 16), (24, 16), (0, 32), (24, 32), (0, 48)]
    assert all((tile["width"], tile["height"]) == (24, 16) for tile in tiles)


def test_what_endpoints_are_asked_is_judged_by_the_lifecycle() -> None:
    silent = watched()
    monitoring = made(replace(silent, outputs=replace(silent.outputs, requests=True)))

    assert made(silent).titles == ["Log requests of endpoint churn, so that drift can be seen"]
    assert monitoring.titles == ["Look at what endpoint churn is asked, by the clock"]
    assert monitoring.steps[0].command == "groundplan monitor run churn -e dev"
    assert "psi above 0.2, at least 500 rows" in monitoring.steps[0].reason
    assert monitoring.component.outputs.monitors == {}


def test_google_would_take_it() -> None:
    assert refused(made(watched("g2-standard-8")).resources) == []
    assert refused(made(contacts=()).resources) == []
