"""GitHub's workflow commands: a finding as an annotation on the line of the config that causes it."""

from __future__ import annotations

from collections.abc import Mapping

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ...output import place
from .finding import message

_COMMANDS: Mapping[str, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}


def render(report: Report, *, source: str) -> str:
    """One command a line, the gravest first; what is exempted, known before or unknown is none."""
    open_now = [one for one in report.findings if one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR)]
    return "".join(f"{_line(one, source)}\n" for one in open_now)


def _line(one: Finding, source: str) -> str:
    file, line, column = place(one.where)
    command = "error" if one.blocks else _COMMANDS[one.severity]
    properties = {
        "file": file or source,
        "line": str(line or 1),
        **({"col": str(column)} if column else {}),
        "title": f"{one.rule.id} {one.rule.title}",
    }
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    name = f"{one.environment}: {one.name}" if one.environment else one.name
    remedy = f" Fix: {one.rule.remedy}" if one.rule.remedy else ""
    return f"::{command} {said}::{_data(f'{name}: {message(one)}.{remedy}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
