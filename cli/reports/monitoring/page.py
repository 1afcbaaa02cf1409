"""What monitoring found as one HTML file: what changed, how sure, which features, since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ....core import clock
from ..scorecard import thousands
from ..shown import shown

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorCheck, MonitorPlan, MonitorReport

WINDOWS = 60
"""So many windows are in the history."""

MAX_BINS = 12
AREAS = {
    "quality": "Data quality",
    "drift": "Inputs",
    "prediction": "Predictions",
    "performance": "Performance",
    "concept": "Concept drift",
    "fairness": "Fairness",
    "service": "Service",
    "volume": "Volume",
    "cost": "Cost",
}
WORDS = {"ok": "ok", "alert": "found", "not enough data": "too little data", "not judged": "not judged"}
MARKS = {"ok": "pass", "alert": "fail", "not enough data": "warn", "not judged": "none"}


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version that is shown: its last report, what alerts, the rest by area, and its history."""

    report: MonitorReport
    alerts: Sequence[MonitorCheck]
    waiting: Sequence[MonitorCheck]
    areas: Sequence[tuple[str, Sequence[MonitorCheck]]]
    history: Sequence[MonitorReport]
    rows: Sequence[tuple[str, Sequence[str]]]


def render(plan: MonitorPlan, reports: Sequence[MonitorReport]) -> str:
    """The page. The same reports give the same bytes. Every name and value in it is escaped and cut to fit."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {"shown": shown, "thousands": thousands, "figure": figure, "moment": _moment, "sure": sure}
    )
    return environment.get_template("page.html").render(
        plan=plan, versions=_versions(reports), words=WORDS, marks=MARKS, titles=AREAS, bars=bars, max_bins=MAX_BINS,
    )  # fmt: skip


def sure(check: MonitorCheck) -> str:
    """How sure a finding is, in words."""
    if check.p_value is not None:
        chance = "less than 0.01 %" if check.p_value < 1e-4 else f"{check.p_value:.2%}"
        return f"chance alone: {chance}"
    if check.interval is not None:
        return f"95 % sure between {figure(check.interval[0])} and {figure(check.interval[1])}"
    return "counted, not estimated" if check.value is not None else "–"


def figure(value: float | None) -> str:
    """A number for people: four significant digits; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 1000 else f"{value:.4g}"


def bars(check: MonitorCheck) -> list[tuple[str, float, float]]:
    """The bins or categories with their shares before and now; where there are many, those that changed most."""
    all_bars = [bar for bar in zip(check.labels, check.before, check.after, strict=True) if bar[1] or bar[2]]
    if len(all_bars) <= MAX_BINS:
        return all_bars
    changed = sorted(all_bars, key=lambda bar: -abs(bar[2] - bar[1]))[:MAX_BINS]
    return [bar for bar in all_bars if bar in changed]


def _versions(reports: Sequence[MonitorReport]) -> list[Version]:
    """The versions of the last window, the one with most requests first."""
    from ....lifecycle import monitoring

    if not reports:
        return []
    found: list[Version] = []
    for report in (one for one in reports if one.window == reports[-1].window):
        alerts = monitoring.alerting(report)
        history = [one for one in reports if one.version == report.version][-WINDOWS:]
        found.append(
            Version(
                report=report,
                alerts=alerts,
                waiting=[one for one in report.checks if one.verdict == "alert" and one not in alerts],
                areas=[(area, [one for one in report.checks if one.area == area]) for area in AREAS],
                history=history,
                rows=_rows(history),
            )
        )
    return sorted(found, key=lambda one: -one.report.requests)


def _rows(history: Sequence[MonitorReport]) -> list[tuple[str, list[str]]]:
    """For each check that ever found something, a word for each window: alert, found, ok or none."""
    keys = sorted({key for report in history for key in report.found})
    rows: list[tuple[str, list[str]]] = []
    for key in keys:
        verdicts = [{check.key: check.verdict for check in report.checks} for report in history]
        words = [
            "alert" if key in report.alerts else {"alert": "found", "ok": "ok"}.get(known.get(key, ""), "none")
            for report, known in zip(history, verdicts, strict=True)
        ]
        rows.append((key.replace("/", " · "), words))
    return rows


def _moment(text: str) -> str:
    return f"{clock.from_text(text):%Y-%m-%d %H:%M} UTC"
