"""A report as a pull-request comment: what blocks in full, the rest folded."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ..comment import Page, safe
from .data import grouped, summary
from .finding import fix, named

MARKER = "<!-- groundplan check -->"
"""Stands first, so that CI finds its own comment and edits it."""

_ROWS = 10
"""Resources that are listed of one rule."""


def render(report: Report) -> str:
    """The comment; no name in it is formatted, linked or mentioned."""
    page = Page("groundplan check")
    counts = summary(report)
    verdict = f"{counts['blocking']} findings block" if counts["blocking"] else "nothing blocks"
    page.add([MARKER, f"## Policy check: {verdict}", ""])
    judged = f"{len(report.rules)} rules, {report.resources} resources"
    said = f"{counts['passed']} passed, {counts['failed']} failed, {counts['unknown']} unknown"
    page.add([f"{judged}: {said}, {counts['exempted']} exempted, {counts['known']} known before.", ""])
    for found in grouped(report.blocking).values():
        page.add(_rule(found))
    open_now = [one for one in report.findings if one.status == "open"]
    _folded(page, "Advice", [one for one in open_now if one.verdict is Verdict.FAIL and not one.blocks])
    _folded(page, "Rules that failed to run", [
        one for one in open_now if one.verdict is Verdict.ERROR and not one.blocks
    ])  # fmt: skip
    _folded(page, "Known only after deployment", [one for one in open_now if one.verdict is Verdict.UNKNOWN])
    _folded(page, "Exempted", [one for one in report.findings if one.status == "exempted"])
    _folded(page, "Known before", [one for one in report.findings if one.status == "known"])
    return page.text()


def _rule(found: Sequence[Finding]) -> list[str]:
    rule = found[0].rule
    lines = [f"### {rule.severity}: {rule.id} {safe(rule.title)}", ""]
    for one in found[:_ROWS]:
        where = f" ({safe(one.where)})" if one.where else ""
        property = f"{safe(one.path)} is " if one.path else ""
        expected = f", expected {safe(one.expected)}" if one.expected else ""
        lines.append(f"- {safe(named(one))}: {property}{safe(one.found)}{expected}{where}{_expired(one)}")
    if len(found) > _ROWS:
        lines.append(f"- and {len(found) - _ROWS} more")
    remedy = f"`{rule.remedy}` in groundplan.yaml" if rule.remedy and found[0].where else safe(fix(rule), 600)
    return [*lines, "", f"**Fix:** {remedy}", ""]


def _expired(one: Finding) -> str:
    return f" — the exemption by {safe(one.expired.owner)} expired on {one.expired.expires}" if one.expired else ""


def _folded(page: Page, title: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    head = [f"<details><summary>{title} ({len(findings)})</summary>", "", "| rule | resource | found | expected |",
            "|---|---|---|---|"]  # fmt: skip
    rows = (
        f"| {one.severity} {one.rule.id} | {safe(named(one))} {safe(one.path)} | {safe(one.found)} | {_note(one)} |"
        for one in findings
    )
    page.add_rows(head, rows, ["", "</details>", ""])


def _note(one: Finding) -> str:
    if one.exemption is not None:
        return f"until {one.exemption.expires}, {safe(one.exemption.owner)}: {safe(one.exemption.reason, 300)}"
    return safe(one.expected) + _expired(one)
