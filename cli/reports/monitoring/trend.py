"""A check's value in each of the last windows, as the bars of a small chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....lifecycle.contract.monitoring import MonitorCheck, MonitorReport

WINDOWS = 30
"""So many windows are in a chart."""

_BAR, _STEP, _HEIGHT = 10, 12, 48
_SAME_UNIT = frozenset({"drift", "prediction", "concept", "service", "attribution"})
"""Areas in which the threshold is a value like those that were found, and can be drawn as a line."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One window: what was found in it, and where that is drawn. ``word`` is alert, found, ok or none."""

    when: str
    value: float | None
    word: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The bars, oldest first; ``line`` is the height of the threshold where it can be drawn; ``said`` is all of it."""

    bars: Sequence[Bar]
    line: float | None
    said: str
    width: int
    height: int = _HEIGHT
    bar: int = _BAR


def word(report: MonitorReport, key: str) -> str:
    """What a window said of a check: alert, found, ok or none."""
    if key in report.alerts:
        return "alert"
    verdict = next((check.verdict for check in report.checks if check.key == key), "")
    return {"alert": "found", "ok": "ok"}.get(verdict, "none")


def trend(check: MonitorCheck, history: Sequence[MonitorReport]) -> Trend:
    """The chart of a check that the last report of a history holds."""
    recent = history[-WINDOWS:]
    values = [next((one.value for one in report.checks if one.key == check.key), None) for report in recent]
    limit = check.threshold if check.area in _SAME_UNIT else None
    top = max([*(value for value in values if value is not None), limit or 0.0], default=0.0) or 1.0
    bars: list[Bar] = []
    for number, (report, value) in enumerate(zip(recent, values, strict=True)):
        height = 2.0 if value is None else round(max(2.0, value / top * _HEIGHT), 1)
        bars.append(Bar(when=report.window.start, value=value, word=word(report, check.key), x=number * _STEP,
                        y=round(_HEIGHT - height, 1), height=height))  # fmt: skip
    said = ", ".join("none" if value is None else f"{value:.4g}" for value in values)
    line = None if limit is None else round(_HEIGHT * (1 - limit / top), 1)
    return Trend(bars=bars, line=line, said=f"oldest first: {said}", width=len(bars) * _STEP)
