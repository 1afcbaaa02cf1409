"""GitHub's workflow commands: a finding as an annotation on the line of the config that causes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ...output import place
from .finding import exempted_until, message, named

_COMMANDS: Mapping[str, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}
_ROWS = 50
"""Exempted findings that the notice lists."""


def render(report: Report, *, source: str) -> str:
    """One command a line, the gravest first; what is known before or unknown is none.

    What is exempted is one notice at the end: GitHub shows only a few of each step.
    """
    open_now = [one for one in report.findings if one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR)]
    exempted = [one for one in report.findings if one.exemption is not None]
    lines = [_line(one, source) for one in open_now]
    return "".join(f"{line}\n" for line in (*lines, *([_exempted(exempted)] if exempted else [])))


def _exempted(found: Sequence[Finding]) -> str:
    told = [f"{one.rule.id} {named(one)}: {exempted_until(one)}" for one in found[:_ROWS]]
    more = [f"and {len(found) - _ROWS} more"] if len(found) > _ROWS else []
    text = "\n".join([*told, *more])
    return f"::notice title={len(found)} exempted::{_data(text)}"


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
    remedy = f" Fix: {one.rule.remedy}" if one.rule.remedy else ""
    return f"::{command} {said}::{_data(f'{named(one)}: {message(one)}.{remedy}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
