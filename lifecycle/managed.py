"""What the cloud's own monitors say, in groundplan's report: joined, and beside what groundplan measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .contract.managed_monitors import CLOUDS
from .contract.monitor_store import ManagedLook
from .contract.monitoring import MonitorCheck, MonitorReport

_COUNTS: Mapping[str, tuple[str, ...]] = {
    "NullValueRate": ("missing",),
    "DataTypeErrorRate": ("type",),
    "OutOfBoundsRate": ("range", "unseen"),
}
"""What the clouds count of a column, in groundplan's words."""


def joined(report: MonitorReport, before: MonitorReport | None, theirs: ManagedLook) -> MonitorReport:
    """The report with what the version's own monitor found in its window.

    That never changes: where the report that was kept before has it, nobody is asked again.
    """
    if before is not None and before.theirs:
        return replace(report, checks=(*report.checks, *before.theirs), managed_notes=before.managed_notes)
    found = theirs.findings(report.version, report.window)
    return replace(report, checks=(*report.checks, *found.checks), managed_notes=found.notes)


def noted(report: MonitorReport, theirs: ManagedLook) -> MonitorReport:
    """The report with what this look learned of the version's monitor, also where the window was judged before."""
    new = [note for note in theirs.notes(report.version) if note not in report.managed_notes]
    return replace(report, managed_notes=(*report.managed_notes, *new))


def whose(report: MonitorReport) -> str:
    """Whose monitor it is that says something of the report's version, in words."""
    return CLOUDS.get(report.theirs[0].source, report.theirs[0].source) if report.theirs else "the cloud"


def named(check: MonitorCheck) -> str:
    """What a check is of, for people, with whose monitor says so where that is not groundplan."""
    source = f"{CLOUDS.get(check.source, check.source)}: " if check.source else ""
    return f"{source}{check.area} {check.subject}"


def beside(report: MonitorReport, check: MonitorCheck) -> MonitorCheck | None:
    """What groundplan itself measured of the same, by the same statistic if it did; None where it did not.

    The answers are one column, whatever a cloud calls it; qualities of a column are told apart by what they count.
    """
    same = [
        one for one in report.own
        if one.area == check.area and (one.subject == check.subject or check.area == "prediction")
    ]  # fmt: skip
    if check.area == "quality":
        same = [one for one in same if one.statistic in _COUNTS.get(check.statistic, ())]
    return next((one for one in same if one.statistic == check.statistic), same[0] if same else None)
