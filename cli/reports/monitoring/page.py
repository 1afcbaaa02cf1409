"""What monitoring found as one HTML file: what changed, how sure, which features, since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ....core import clock
from ..scorecard import thousands
from ..template import template
from .trend import Trend, trend, word

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorCheck, MonitorPlan, MonitorReport

WINDOWS = 60
"""So many windows are in the history."""

MAX_BINS = 12
MAX_LISTED = 6
CELL = 16
"""The width of a window in the history, in pixels."""

AREAS = {
    "quality": "Data quality",
    "drift": "Inputs",
    "prediction": "Predictions",
    "attribution": "Attributions",
    "performance": "Performance",
    "concept": "Concept drift",
    "fairness": "Fairness",
    "service": "Service",
    "volume": "Volume",
    "cost": "Cost",
}
WORDS = {"ok": "ok", "alert": "found", "not enough data": "too little data", "not judged": "not judged"}
VERDICTS = {"alert": "alert", "found": "found", "ok": "ok", "none": "not judged"}
"""What windows say of a check, in the words of the page."""

MARKS = {"ok": "pass", "alert": "fail", "not enough data": "warn", "not judged": "none"}


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version that is shown: its last report, what alerts, the rest by area, and its history.

    ``counts`` are how many of groundplan's own checks came to which verdict, ``found`` the areas in which something was
    found. ``theirs`` are what the cloud's own monitor says, ``whose`` that is, each with what groundplan measured.
    """

    report: MonitorReport
    alerts: Sequence[MonitorCheck]
    waiting: Sequence[MonitorCheck]
    counts: Sequence[tuple[str, int]]
    areas: Sequence[tuple[str, Sequence[MonitorCheck]]]
    found: frozenset[str]
    trends: Mapping[str, Trend]
    history: Sequence[MonitorReport]
    rows: Sequence[tuple[str, Sequence[str]]]
    theirs: Sequence[tuple[MonitorCheck, MonitorCheck | None]]
    whose: str


def render(plan: MonitorPlan, reports: Sequence[MonitorReport]) -> str:
    """The page. The same reports give the same bytes. Every name and value in it is escaped and cut to fit."""
    filters = {
        "thousands": thousands,
        "figure": figure,
        "moment": _moment,
        "sure": sure,
        "limit": limit,
        "title": _title,
    }
    return template(Path(__file__).with_suffix(".html"), filters).render(
        plan=plan, versions=_versions(reports), words=WORDS, marks=MARKS, titles=AREAS, verdicts=VERDICTS, bars=bars,
        max_bins=MAX_BINS, max_listed=MAX_LISTED, cell=CELL,
    )  # fmt: skip


def sure(check: MonitorCheck) -> str:
    """How sure a finding is, in words."""
    if check.p_value is not None:
        chance = "less than 0.01 %" if check.p_value < 1e-4 else f"{check.p_value:.2%}"
        return f"chance alone: {chance}"
    if check.interval is not None:
        return f"95 % sure between {figure(check.interval[0])} and {figure(check.interval[1])}"
    if check.source:
        return "the cloud's monitor does not say"
    return "counted" if check.value is not None else "–"


def limit(check: MonitorCheck) -> str:
    """What a check allows, in words: a value, how much is lost, or a factor."""
    if check.threshold is None:
        return "nothing is demanded"
    if check.area == "performance":
        return f"may be worse by {figure(check.threshold)}"
    if check.is_likeness:
        return f"at least {figure(check.threshold)}"
    if check.area == "volume":
        return f"may change by the factor {figure(check.threshold)}"
    return f"allowed: {figure(check.threshold)}"


def figure(value: float | None) -> str:
    """A number for people: four significant digits; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 1000 else f"{value:.4g}"


def bars(check: MonitorCheck) -> list[tuple[str, float, float, float]]:
    """The bins or categories with their shares before and now; where there are many, those that changed most.

    The last of each is the factor by which shares are drawn, so that the longest bar fills the place.
    """
    all_bars = [bar for bar in zip(check.labels, check.before, check.after, strict=True) if bar[1] or bar[2]]
    changed = sorted(all_bars, key=lambda bar: -abs(bar[2] - bar[1]))[:MAX_BINS]
    scale = 1 / max((max(bar[1:]) for bar in changed), default=1.0)
    return [(*bar, scale) for bar in all_bars if bar in changed]


def _versions(reports: Sequence[MonitorReport]) -> list[Version]:
    """The versions of the last window, the one with most requests first."""
    from ....lifecycle import monitoring

    if not reports:
        return []
    found: list[Version] = []
    for report in (one for one in reports if one.window == reports[-1].window):
        history = [one for one in reports if one.version == report.version][-WINDOWS:]
        found.append(_version(report, history, monitoring.alerting(report)))
    return sorted(found, key=lambda one: -one.report.requests)


def _version(report: MonitorReport, history: Sequence[MonitorReport], alerts: Sequence[MonitorCheck]) -> Version:
    from ....lifecycle import managed

    waiting = [one for one in report.checks if one.verdict == "alert" and one not in alerts]
    counts = Counter(one.verdict for one in report.own)
    return Version(
        report=report,
        alerts=alerts,
        waiting=waiting,
        counts=[
            (WORDS[verdict], counts[verdict])
            for verdict in ("alert", "ok", "not enough data", "not judged")
            if counts[verdict]
        ],
        areas=[(area, _found_first([one for one in report.own if one.area == area])) for area in AREAS],
        found=frozenset(one.area for one in report.own if one.verdict == "alert"),
        trends={one.key: trend(one, history) for one in (*alerts, *waiting)},
        history=history,
        rows=_rows(history),
        theirs=[(one, managed.beside(report, one)) for one in _found_first(report.theirs)],
        whose=managed.whose(report),
    )


def _title(check: MonitorCheck) -> str:
    """The area of a check, with whose monitor says so where that is not groundplan."""
    from ....lifecycle.contract.managed_monitors import CLOUDS

    source = f"{CLOUDS.get(check.source, check.source)} · " if check.source else ""
    return f"{source}{AREAS[check.area]}"


def _found_first(checks: Sequence[MonitorCheck]) -> list[MonitorCheck]:
    return sorted(checks, key=lambda one: one.verdict != "alert")


def _rows(history: Sequence[MonitorReport]) -> list[tuple[str, list[str]]]:
    """For each check that ever found something, a word for each window: alert, found, ok or none."""
    found = {check.key: check for report in history for check in report.checks if check.verdict == "alert"}
    return [
        (f"{_title(check)} · {check.subject} · {check.statistic}", [word(report, key) for report in history])
        for key, check in sorted(found.items())
    ]


def _moment(text: str) -> str:
    return f"{clock.from_text(text):%Y-%m-%d %H:%M} UTC"
