"""A Grafana dashboard of one endpoint, to be imported as it is; it asks for the Prometheus data source."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorPlan

_SOURCE = {"type": "prometheus", "uid": "${source}"}
_WIDTH, _HEIGHT = 12, 8
_PER_MINUTE = "[$__rate_interval]"


def dashboard(plan: MonitorPlan) -> str:
    """The dashboard as JSON; the same plan gives the same bytes."""
    watched = f'endpoint="{plan.endpoint}",environment="{plan.environment}"'
    predict = 'route="/predict",instance=~"$instance"'
    panels = [
        _panel("stat", "Alerts", f"sum(groundplan_monitor_alert{{{watched}}})", "alerts", "none"),
        _panel("stat", "Age of the last window", f"time() - max(groundplan_monitor_window_end_seconds{{{watched}}})",
               "age", "s"),
        _panel("timeseries", "Drift of the inputs, as a share of its threshold",
               f'groundplan_monitor_value{{{watched},area="drift"}} / '
               f'groundplan_monitor_threshold{{{watched},area="drift"}}', "{{subject}} (v{{version}})", "percentunit"),
        _panel("timeseries", "Drift of the predictions, as a share of its threshold",
               f'groundplan_monitor_value{{{watched},area="prediction"}} / '
               f'groundplan_monitor_threshold{{{watched},area="prediction"}}', "v{{version}}", "percentunit"),
        _panel("timeseries", "Performance on labelled requests",
               f'groundplan_monitor_value{{{watched},area="performance",subject="model"}}',
               "{{statistic}} (v{{version}})", "none"),
        _panel("table", "What alerts", f"groundplan_monitor_alert{{{watched}}} == 1", "", "none"),
        _panel("timeseries", "Requests per second by version",
               f'sum by (version) (rate(groundplan_version_requests_total{{instance=~"$instance"}}{_PER_MINUTE}))',
               "v{{version}}", "reqps"),
        _panel("timeseries", "Failed requests",
               f'sum(rate(groundplan_requests_total{{{predict},status=~"5.."}}{_PER_MINUTE})) / '
               f"sum(rate(groundplan_requests_total{{{predict}}}{_PER_MINUTE}))", "failed", "percentunit"),
        _panel("timeseries", "Response time, 95th percentile",
               "histogram_quantile(0.95, sum by (le) "
               f"(rate(groundplan_request_seconds_bucket{{{predict}}}{_PER_MINUTE})))", "p95", "s"),
        _panel("timeseries", "Rows that were logged and labelled", f"groundplan_monitor_rows{{{watched}}}",
               "rows (v{{version}})", "none", f"groundplan_monitor_labelled{{{watched}}}", "labelled (v{{version}})"),
    ]  # fmt: skip
    for number, panel in enumerate(panels):
        panel["id"] = number + 1
        panel["gridPos"] = {"h": _HEIGHT, "w": _WIDTH, "x": _WIDTH * (number % 2), "y": _HEIGHT * (number // 2)}
    name = f"{plan.endpoint} in {plan.environment}"
    value: dict[str, Any] = {
        "uid": hashlib.sha256(name.encode()).hexdigest()[:16],
        "title": f"groundplan: {name}",
        "tags": ["groundplan"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "timezone": "browser",
        "time": {"from": "now-7d", "to": "now"},
        "annotations": {"list": []},
        "templating": {"list": [_source(), _instance()]},
        "panels": panels,
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _panel(kind: str, title: str, expression: str, legend: str, unit: str, *more: str) -> dict[str, Any]:
    pairs = [(expression, legend), *zip(more[::2], more[1::2], strict=True)]
    targets = [
        {"refId": chr(ord("A") + number), "datasource": _SOURCE, "expr": one, "legendFormat": name,
         "instant": kind in ("stat", "table"), "range": kind == "timeseries",
         "format": "table" if kind == "table" else "time_series"}
        for number, (one, name) in enumerate(pairs)
    ]  # fmt: skip
    return {
        "type": kind, "title": title, "datasource": _SOURCE, "targets": targets, "options": {},
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
    }  # fmt: skip


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
            "hide": 0, "includeAll": False, "multi": False, "options": [], "current": {}}  # fmt: skip


def _instance() -> dict[str, Any]:
    query = "label_values(groundplan_requests_total, instance)"
    return {"name": "instance", "label": "Endpoint's address", "type": "query", "datasource": _SOURCE, "query": query,
            "definition": query, "refresh": 2, "sort": 1, "hide": 0, "includeAll": True, "allValue": ".*",
            "multi": True, "options": [], "current": {"text": "All", "value": "$__all"}}  # fmt: skip
