"""Replays of monitoring: when it would have told people and retrained, and whether it was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..core import clock
from .contract.monitoring import MonitorReport
from .contract.retraining import RetrainingPlan

Judgement = Literal["right", "false alarm", "missed", "calm", "unknown"]
"""Of the alerts on data, by what labels say: ``missed`` became worse and nobody was told; ``unknown`` has no labels."""

_ON_DATA = frozenset({"drift", "prediction", "quality"})


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A window of the replay. ``retrains`` names the trigger, "" for none; ``worse`` is what the labels say."""

    window: str
    version: int
    rows: int
    labelled: int
    alerts: tuple[str, ...]
    retrains: str
    worse: bool | None
    judgement: Judgement


def backtest(reports: Sequence[MonitorReport], plan: RetrainingPlan) -> list[Moment]:
    """What each window would have led to; ``reports`` are settled, oldest first."""
    moments: list[Moment] = []
    last: datetime | None = None
    for report in reports:
        ended = clock.from_text(report.window.end)
        trigger = _trigger(report, plan)
        if trigger and last is not None and (ended - last).total_seconds() < plan.cool_down_seconds:
            trigger = ""
        last = ended if trigger else last
        worse = _worse(report)
        moments.append(
            Moment(
                window=report.window.start, version=report.version, rows=report.rows, labelled=report.labelled,
                alerts=report.alerts, retrains=trigger, worse=worse, judgement=_judgement(_told(report), worse),
            )
        )  # fmt: skip
    return moments


def _trigger(report: MonitorReport, plan: RetrainingPlan) -> str:
    areas = {alert.partition("/")[0] for alert in report.alerts}
    if plan.on_performance and "performance" in areas:
        return "performance"
    return "drift" if plan.on_drift and areas & {"drift", "prediction"} else ""


def _told(report: MonitorReport) -> bool:
    return any(alert.partition("/")[0] in _ON_DATA for alert in report.alerts)


def _worse(report: MonitorReport) -> bool | None:
    verdicts = {check.verdict for check in report.checks if (check.area, check.subject) == ("performance", "model")}
    return True if "alert" in verdicts else False if "ok" in verdicts else None


def _judgement(told: bool, worse: bool | None) -> Judgement:
    if worse is None:
        return "unknown"
    if told:
        return "right" if worse else "false alarm"
    return "missed" if worse else "calm"
