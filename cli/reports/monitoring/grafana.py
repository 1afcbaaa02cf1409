"""A Grafana dashboard of one endpoint, to be imported as it is; it asks for the Prometheus data source."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .panels import SOURCE, panel, placed

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorPlan

_ENDPOINT = 'job=~"$job",instance=~"$instance"'
_PREDICT = f'{_ENDPOINT},route="/predict"'
_PER_MINUTE = "[$__rate_interval]"


def dashboard(plan: MonitorPlan) -> str:
    """The dashboard as JSON; the same plan gives the same bytes."""
    name = f"{plan.endpoint} in {plan.environment}"
    value: dict[str, Any] = {
        "uid": hashlib.sha256(name.encode()).hexdigest()[:16],
        "title": f"groundplan: {name}",
        "description": "Made by groundplan monitor export grafana; make it anew instead of changing it.",
        "tags": ["groundplan"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "timezone": "browser",
        "time": {"from": "now-7d", "to": "now"},
        "annotations": {"list": []},
        "templating": {"list": [_source(), _label("job"), _label("instance")]},
        "panels": placed([*_watched(plan), *_served()]),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _watched(plan: MonitorPlan) -> list[dict[str, Any]]:
    """What ``groundplan monitor run`` found; it comes through the node exporter, whose job and address say nothing."""
    watched = f'endpoint="{plan.endpoint}",environment="{plan.environment}"'

    def share(area: str) -> str:
        return _share(f'{watched},source="",area=~"{area}"')

    theirs = [
        panel("timeseries", "What the cloud's own monitor found, as a share of its threshold",
              "By the cloud's bins, statistics and data, which are not groundplan's.", "percentunit",
              (_share(f'{watched},source!=""'), "{{source}}: {{area}} {{subject}} {{statistic}} (v{{version}})"),
              bad_from=1),
    ]  # fmt: skip
    return [
        panel("stat", "Alerts", "Checks that found something often enough for people to be told.", "none",
              (f"sum(groundplan_monitor_alert{{{watched}}})", "alerts"), bad_from=1),
        panel("stat", "Age of the last window", "Three windows old is stale: nobody calls groundplan monitor run.", "s",
              (f"time() - max(groundplan_monitor_window_end_seconds{{{watched}}})", "age"),
              bad_from=3 * plan.window_seconds),
        panel("timeseries", "Drift of the inputs, as a share of its threshold",
              "Each feature's distance from the training data. Over 100 % it is large enough to matter; whether chance "
              "explains it is judged as well, so not all that is above alerts.", "percentunit",
              (share("drift"), "{{subject}} (v{{version}})"), bad_from=1),
        panel("timeseries", "Drift of the answers and of what was true, as a share of its threshold",
              "How far both are from the held-out data; what was true needs labels.", "percentunit",
              (share("prediction|concept"), "{{subject}} (v{{version}})"), bad_from=1),
        panel("timeseries", "Performance on labelled requests", "Metrics of the requests whose labels came.", "none",
              (f'groundplan_monitor_value{{{watched},source="",area="performance",subject="model"}}',
               "{{statistic}} (v{{version}})")),
        panel("table", "What alerts", "One line for each check; groundplan monitor report shows it whole.", "none",
              (f"groundplan_monitor_alert{{{watched}}} == 1", "")),
        panel("timeseries", "Rows that were logged and labelled", "What the last windows could be judged on.", "none",
              (f"groundplan_monitor_rows{{{watched}}}", "rows (v{{version}})"),
              (f"groundplan_monitor_labelled{{{watched}}}", "labelled (v{{version}})")),
        *(theirs if plan.managed else []),
    ]  # fmt: skip


def _share(of: str) -> str:
    return f"groundplan_monitor_value{{{of}}} / groundplan_monitor_threshold{{{of}}}"


def _served() -> list[dict[str, Any]]:
    """What the endpoint itself tells."""
    slow = f"sum by (le) (rate(groundplan_request_seconds_bucket{{{_PREDICT}}}{_PER_MINUTE}))"
    failed = f'sum(rate(groundplan_requests_total{{{_PREDICT},status=~"5.."}}{_PER_MINUTE}))'
    return [
        panel("timeseries", "Requests per second by version", "Who answers how much of the traffic.", "reqps",
              (f"sum by (version) (rate(groundplan_version_requests_total{{{_ENDPOINT}}}{_PER_MINUTE}))",
               "v{{version}}")),
        panel("timeseries", "Failed requests", "The share of predictions that ended with a 5xx.", "percentunit",
              (f"{failed} / sum(rate(groundplan_requests_total{{{_PREDICT}}}{_PER_MINUTE}))", "failed")),
        panel("timeseries", "Response time, 95th percentile", "From a request's head to the end of its answer.", "s",
              (f"histogram_quantile(0.95, {slow})", "p95")),
    ]  # fmt: skip


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
            "hide": 0, "includeAll": False, "multi": False, "options": []}  # fmt: skip


def _label(name: str) -> dict[str, Any]:
    query = f"label_values(groundplan_requests_total, {name})"
    return {"name": name, "label": name.capitalize(), "type": "query", "datasource": SOURCE, "query": query,
            "definition": query, "refresh": 2, "sort": 1, "hide": 0, "includeAll": True, "allValue": ".+",
            "multi": True, "options": [], "current": {"text": "All", "value": "$__all"}}  # fmt: skip
