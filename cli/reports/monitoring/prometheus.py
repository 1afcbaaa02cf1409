"""Reports as Prometheus reads them: metrics in its text format, and alert rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....core import clock

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorPlan, MonitorReport

_HELP = {
    "value": "The statistic of a check in the last window that was judged.",
    "threshold": "From where on the check finds something.",
    "alert": "Whether the check alerts: 1 for n of the last m windows and the latest.",
    "judged": "Whether there was enough data for a verdict.",
    "rows": "Rows that were logged with their inputs.",
    "labelled": "Rows whose labels came.",
    "window_end_seconds": "When the last window that was judged ended, in seconds since 1970.",
}

_END = "groundplan_monitor_window_end_seconds"


def metrics(reports: Sequence[MonitorReport]) -> str:
    """The reports as gauges, all samples of a name together as the format wants it."""
    lines: list[str] = []
    for name, help_text in _HELP.items():
        samples = [sample for report in reports for sample in _samples(name, report)]
        if samples:
            full = f"groundplan_monitor_{name}"
            lines += [f"# HELP {full} {help_text}", f"# TYPE {full} gauge"]
            lines += [f"{full}{{{_labels(labels)}}} {value!r}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def rules(plan: MonitorPlan) -> str:
    """Alert rules for one endpoint, as YAML that Prometheus loads: JSON is YAML, and quotes every text."""
    watched = f'endpoint="{plan.endpoint}",environment="{plan.environment}"'
    late = int(3 * plan.window_seconds)
    said = (
        "{{ with $labels.source }}{{ . }}: {{ end }}"
        "{{ $labels.area }} of {{ $labels.subject }} at {{ $labels.endpoint }} in {{ $labels.environment }}"
    )
    group = {
        "name": f"groundplan-{plan.endpoint}-{plan.environment}",
        "rules": [
            _rule("GroundplanMonitorAlert", f"groundplan_monitor_alert{{{watched}}} == 1", "0s", "warning",
                  f"{said}: {{{{ $labels.statistic }}}} is beyond its threshold",
                  "groundplan monitor report shows what changed, how sure it is, and since when."),
            _rule("GroundplanMonitorStale", f"time() - max({_END}{{{watched}}}) > {late}",
                  "0s", "warning", f"nobody has looked at {plan.endpoint} in {plan.environment} for three windows",
                  "groundplan monitor run is not called any more, or fails."),
            _rule("GroundplanEndpointErrors",
                  'sum by (job, instance) (rate(groundplan_requests_total{route="/predict",status=~"5.."}[5m])) '
                  '/ sum by (job, instance) (rate(groundplan_requests_total{route="/predict"}[5m])) '
                  f"> {plan.error_rate:g}", "5m", "critical", "{{ $labels.instance }} fails requests",
                  "groundplan logs shows why; groundplan rollback returns to the version before."),
            _rule("GroundplanEndpointSlow",
                  "histogram_quantile(0.95, sum by (job, instance, le) "
                  '(rate(groundplan_request_seconds_bucket{route="/predict"}[5m]))) '
                  f"> {plan.latency_p95_ms / 1000:g}", "5m", "warning", "{{ $labels.instance }} is slow",
                  "The 95th percentile of the response time is over monitoring.endpoint.latency_ms."),
            _rule("GroundplanRequestLogLost", "increase(groundplan_request_log_failures_total[15m]) > 0", "0s",
                  "warning", "{{ $labels.instance }} cannot write its request log",
                  "Monitoring does not see these requests. Free some space."),
        ],
    }  # fmt: skip
    return json.dumps({"groups": [group]}, indent=2, ensure_ascii=False) + "\n"


def _rule(name: str, expression: str, wait: str, severity: str, summary: str, description: str) -> dict[str, Any]:
    return {
        "alert": name, "expr": expression, "for": wait, "labels": {"severity": severity},
        "annotations": {"summary": summary, "description": description},
    }  # fmt: skip


def _samples(name: str, report: MonitorReport) -> Iterator[tuple[Mapping[str, str], float]]:
    place = {"endpoint": report.endpoint, "environment": report.environment, "version": str(report.version)}
    of_report = {
        "rows": float(report.rows),
        "labelled": float(report.labelled),
        "window_end_seconds": clock.from_text(report.window.end).timestamp(),
    }
    if name in of_report:
        yield place, of_report[name]
        return
    for check in report.checks:
        values = {
            "value": check.value,
            "threshold": check.threshold,
            "alert": float(check.key in report.alerts),
            "judged": float(check.verdict in ("ok", "alert")),
        }
        value = values[name]
        if value is not None:
            source = {"source": check.source} if check.source else {}
            of = {"area": check.area, "subject": check.subject, "statistic": check.statistic}
            yield {**place, **of, **source}, value


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
