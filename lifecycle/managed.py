"""Joins what the cloud's own monitors say into groundplan's report of a window."""

from __future__ import annotations

from dataclasses import replace

from .contract.monitor_store import ManagedLook
from .contract.monitoring import MonitorReport


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
