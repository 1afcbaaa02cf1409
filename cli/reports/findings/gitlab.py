"""GitLab's code quality report: findings on the lines of a merge request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ...output import place
from .finding import exempted_until, message, named

_SEVERITIES: Mapping[str, str] = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def entries(report: Report, *, source: str) -> Iterator[dict[str, object]]:
    """What its JSON array holds: what is exempted as an information; what was known before or is unknown not at all."""
    for one in report.findings:
        if one.exemption is not None or (one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR)):
            yield _entry(one, source)


def _entry(one: Finding, source: str) -> dict[str, object]:
    file, line, _ = place(one.where)
    said = message(one) if one.exemption is None else exempted_until(one)
    return {
        "description": f"{one.rule.id} {named(one)}: {said}",
        "check_name": one.rule.id,
        "fingerprint": one.fingerprint,
        "severity": _SEVERITIES[one.severity] if one.exemption is None else "info",
        "location": {"path": file or source, "lines": {"begin": line or 1}},
    }
