"""What people and machines are shown of monitoring's reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ...core import clock
from ...core.exit_codes import ExitCode
from ..output import Output, Style
from ..reports.monitoring import prometheus
from ..result import Result
from .watched import Watched

if TYPE_CHECKING:
    from ...lifecycle.backtest import Moment
    from ...lifecycle.contract.monitoring import MonitorCheck, MonitorReport

_STYLES: dict[str, Style] = {"right": "good", "calm": "dim", "false alarm": "warn", "missed": "bad", "unknown": "dim"}
metrics = prometheus.metrics


def result(one: Watched, reports: Sequence[MonitorReport], *, page: Path, warnings: Sequence[str] = (),
           code: bool = True) -> Result:  # fmt: skip
    """The reports of one window; exits with 7 when one of them alerts and ``code`` says so."""
    alerting = any(report.alerts for report in reports)

    def text(output: Output) -> None:
        for report in reports:
            _write(output, report)
        output.fields([("page", str(page))])

    data = {
        "endpoint": one.plan.endpoint,
        "environment": one.plan.environment,
        "alerting": alerting,
        "page": str(page),
        "reports": [report_data(report) for report in reports],
    }
    following = ["groundplan monitor backtest", "groundplan retrain --check"] if alerting else []
    return Result(data=data, text=text, warnings=warnings, next=following,
                  exit_code=ExitCode.CHANGES_PRESENT if alerting and code else ExitCode.DONE)  # fmt: skip


def report_data(report: MonitorReport) -> dict[str, object]:
    """A report as JSON values."""
    data = {name: value for name, value in asdict(report).items() if name != "labels_state"}
    return {**data, "found": sorted(report.found)}


def replayed(one: Watched, moments: Sequence[Moment]) -> Result:
    """A replay: each window, and how often it was right."""
    counts = Counter(moment.judgement for moment in moments)

    def text(output: Output) -> None:
        if not moments:
            output.line("the log holds no whole window yet")
            return
        output.table(
            ("window", "version", "rows", "labels", "would have told", "retrained", "by the labels"),
            [
                (clock.for_people(moment.window), str(moment.version), str(moment.rows), str(moment.labelled),
                 _few(moment.alerts), moment.retrains or "-", moment.judgement)
                for moment in moments
            ],
        )  # fmt: skip
        for judgement, count in counts.items():
            output.line(f"{count} of {len(moments)} windows: {judgement}", _STYLES[judgement])
        if counts["unknown"]:
            output.message("a window with too few labels cannot be judged; groundplan feedback brings them", "dim")

    data = {"endpoint": one.plan.endpoint, "environment": one.plan.environment, "counts": dict(counts),
            "retrainings": sum(bool(moment.retrains) for moment in moments),
            "windows": [asdict(moment) for moment in moments]}  # fmt: skip
    return Result(data=data, text=text)


def _write(output: Output, report: MonitorReport) -> None:
    from ...lifecycle import managed, monitoring

    told = monitoring.alerting(report)
    who = f"{report.who} at {report.endpoint} in {report.environment}"
    until = f"{clock.for_people(report.window.start)} to {clock.for_people(report.window.end)}"
    if told:
        output.line(f"{who}: {len(told)} alert{'s' if len(told) > 1 else ''}", "bad")
    else:
        output.line(f"{who}: {report.in_words}", "good" if report.in_words == "no alert" else "warn")
    logged = f"{report.rows} rows of {report.requests} requests logged, {report.labelled} labels"
    output.fields([("window", until), *([("data", logged)] if report.version else [])])
    if told:
        output.table(
            ("alert", "found", "allowed", "since", "what"),
            [(managed.named(one), _value(one), _allowed(one),
              clock.for_people(report.since[one.key]), one.detail) for one in told],
        )  # fmt: skip
    waiting = sorted(report.found - set(report.alerts))
    if waiting:
        output.line(f"found in this window, and not often enough yet to alert: {_few(tuple(waiting))}", "warn")
    for verdict in ("not enough data", "not judged"):
        checks = [one.key for one in report.own if one.verdict == verdict]
        if checks:
            output.line(f"{verdict}: {_few(tuple(checks))}", "dim")
    for note in report.notes:
        output.line(note, "warn")
    _write_theirs(output, report)


def _write_theirs(output: Output, report: MonitorReport) -> None:
    """What the cloud's own monitor says: how many checks came to what, and what it found beside groundplan's figure."""
    from ...lifecycle import managed

    whose = managed.whose(report)
    if report.theirs:
        counts = Counter(one.verdict for one in report.theirs)
        said = ", ".join(f"{count} {'found' if verdict == 'alert' else verdict}" for verdict, count in counts.items())
        output.line(f"{whose}'s monitor says: {said}", "warn" if counts["alert"] else "dim")
    found = [one for one in report.theirs if one.verdict == "alert"]
    if found:
        output.table(
            (f"{whose} found", "value", "allowed", "groundplan measured"),
            [(f"{one.area} {one.subject}", _value(one), _allowed(one), _own(managed.beside(report, one)))
             for one in found],
        )  # fmt: skip
    for note in report.managed_notes:
        output.line(f"{whose}'s monitor: {note}", "warn")


def _own(check: MonitorCheck | None) -> str:
    return "-" if check is None else f"{_value(check)}: {'found' if check.verdict == 'alert' else check.verdict}"


def _value(check: MonitorCheck) -> str:
    chance = "" if check.p_value is None else f", p {check.p_value:.2g}"
    return f"{check.statistic} {_number(check.value)}{chance}"


def _allowed(check: MonitorCheck) -> str:
    return f"{'at least ' if check.is_likeness else ''}{_number(check.threshold)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _few(names: tuple[str, ...]) -> str:
    return (", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")) or "-"
