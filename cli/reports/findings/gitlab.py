"""GitLab's code quality report: findings on the lines of a merge request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ...output import place
from .finding import message

_SEVERITIES: Mapping[str, str] = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def entries(report: Report, *, source: str) -> Iterator[dict[str, object]]:
    """What its JSON array holds; what is exempted, known before or unknown is not in it."""
    for one in report.findings:
        if one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR):
            yield _entry(one, source)


def _entry(one: Finding, source: str) -> dict[str, object]:
    file, line, _ = place(one.where)
    name = f"{one.environment}: {one.name}" if one.environment else one.name
    return {
        "description": f"{one.rule.id} {name}: {message(one)}",
        "check_name": one.rule.id,
        "fingerprint": one.fingerprint,
        "severity": _SEVERITIES[one.severity],
        "location": {"path": file or source, "lines": {"begin": line or 1}},
    }
