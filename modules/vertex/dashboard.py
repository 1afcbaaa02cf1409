"""The dashboard of an environment at Google Cloud, as the JSON that Cloud Monitoring takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..contract.context import Context
from ..contract.monitoring import WatchedEndpoint
from . import measures, names

_COLUMNS = 48
_WIDTH = 24
_HEIGHT = 16
_PERIOD = "60s"

_CHARTS = (
    ("95th percentile of the latency (ms)", measures.LATENCY, "ALIGN_PERCENTILE_95", "REDUCE_MAX"),
    ("Requests a second", measures.REQUESTS, "ALIGN_RATE", "REDUCE_SUM"),
    ("Errors a second", measures.ERRORS, "ALIGN_RATE", "REDUCE_SUM"),
    ("Busy processors of a machine", measures.PROCESSORS, "ALIGN_MEAN", "REDUCE_MEAN"),
    ("Share of the memory", measures.MEMORY, "ALIGN_MEAN", "REDUCE_MEAN"),
    ("Machines", measures.REPLICAS, "ALIGN_MEAN", "REDUCE_SUM"),
)
"""A chart's title, its metric, how a series is aligned and how several become one."""


def of(context: Context, endpoints: Sequence[WatchedEndpoint]) -> str:
    """The dashboard: the runs that failed, then each endpoint's charts; the same text for the same config."""
    metric = f"logging.googleapis.com/user/{names.within(context, 100, 'failed-runs')}"
    widgets = [_chart("Runs of pipelines that failed", f'metric.type = "{metric}"', "ALIGN_DELTA", "REDUCE_SUM")]
    widgets += [
        _chart(f"{watched.endpoint}: {title}", measures.of_endpoint(watched, metric), aligner, reducer)
        for watched in endpoints
        for title, metric, aligner, reducer in _CHARTS
    ]
    tiles = [
        {
            "xPos": position * _WIDTH % _COLUMNS,
            "yPos": position * _WIDTH // _COLUMNS * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
            "widget": widget,
        }
        for position, widget in enumerate(widgets)
    ]
    content = {
        "displayName": f"{context.project} {context.environment}",
        "labels": {"environment": context.environment, "project": context.project},
        "mosaicLayout": {"columns": _COLUMNS, "tiles": tiles},
    }
    return json.dumps(content, sort_keys=True)


def _chart(title: str, filter: str, aligner: str, reducer: str) -> dict[str, Any]:
    aggregation = {"alignmentPeriod": _PERIOD, "perSeriesAligner": aligner, "crossSeriesReducer": reducer}
    query = {"timeSeriesQuery": {"timeSeriesFilter": {"filter": filter, "aggregation": aggregation}}}
    return {
        "title": title,
        "xyChart": {"dataSets": [{**query, "plotType": "LINE", "targetAxis": "Y1"}], "yAxis": {"scale": "LINEAR"}},
    }
