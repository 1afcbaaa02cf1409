"""GitLab's code quality report: findings on the lines of a merge request."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ...output import place
from .data import message

_SEVERITIES: Mapping[str, str] = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render(report: Report, *, source: str) -> str:
    """A JSON array; what is exempted, known before or unknown is not in it."""
    shown = [one for one in report.findings if one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR)]
    return json.dumps([_entry(one, source) for one in shown], indent=2, ensure_ascii=False) + "\n"


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
