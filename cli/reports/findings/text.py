"""A report for people: the gravest first, each rule once with its resources, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ....policies.packs import Level
from ...output import Output, Style
from .data import grouped, summary
from .finding import fix

_STYLES: Mapping[str, Style] = {"critical": "bad", "high": "bad", "medium": "warn", "low": "dim"}
_SHOWN = 20
"""Resources that are listed of one rule, unless everything is asked for."""


def write(output: Output, report: Report) -> None:
    """Open findings, then what is exempted, then a line that counts."""
    everything = output.verbosity > 0
    failing = [one for one in report.findings if one.status == "open" and one.verdict in (Verdict.FAIL, Verdict.ERROR)]
    undecided = [one for one in report.findings if one.status == "open" and one.verdict is Verdict.UNKNOWN]
    for found in grouped(failing).values():
        _write_rule(output, found, everything=everything)
    if undecided:
        output.line("known only after deployment", "bold")
        for found in grouped(undecided).values():
            if everything:
                _write_rule(output, found, everything=True)
            else:
                output.line(f"  {found[0].rule.id:<9} {found[0].rule.title}: {_names(found)}")
        output.line()
    _write_exempted(output, [one for one in report.findings if one.status == "exempted"])
    _write_end(output, report)


def _write_rule(output: Output, found: Sequence[Finding], *, everything: bool) -> None:
    rule, first = found[0].rule, found[0]
    level = "" if first.level is Level.ENFORCE else f"  ({first.level})"
    output.line(f"{rule.severity:<8}  {rule.id}  {rule.title}{level}", _STYLES[rule.severity])
    shown = found if everything else found[:_SHOWN]
    for one in shown:
        _write_one(output, one)
    if len(found) > len(shown):
        output.line(f"  … and {len(found) - len(shown)} more; --verbose shows all")
    if rule.remedy and first.where:
        output.line(f"  fix: in {first.where}: {rule.remedy}", "good")
    elif fix(rule):
        output.line(f"  fix: {fix(rule)}", "good")
    output.line()


def _write_one(output: Output, one: Finding) -> None:
    place = f"{one.environment}: " if one.environment else ""
    what = f"{one.name}" if one.urn else "groundplan.yaml"
    said = f"{one.path}: " if one.path else ""
    wanted = f"; expected {one.expected}" if one.expected else ""
    if one.verdict is Verdict.ERROR:
        output.line(f"  {place}{what}  the rule failed to run: {one.found}")
    else:
        output.line(f"  {place}{what}  {said}{one.found}{wanted}")
    if one.where:
        output.line(f"    --> {one.where}", "dim")
    if one.expired is not None:
        output.line(f"    the exemption by {one.expired.owner} expired on {one.expired.expires}", "warn")


def _write_exempted(output: Output, found: Sequence[Finding]) -> None:
    if not found:
        return
    output.line("exempted", "bold")
    for one in found:
        assert one.exemption is not None  # noqa: S101 that is what its status says
        until = f"until {one.exemption.expires}, {one.exemption.owner}: {one.exemption.reason}"
        output.line(f"  {one.rule.id:<9} {one.name}  {until}")
    output.line()


def _write_end(output: Output, report: Report) -> None:
    counts = summary(report)
    parts = [f"{counts['passed']} passed", f"{counts['failed']} failed", f"{counts['unknown']} unknown"]
    parts += [f"{counts[key]} {word}" for key, word in (("errors", "did not run"), ("exempted", "exempted"),
                                                        ("known", "known before")) if counts[key]]  # fmt: skip
    style: Style = "bad" if counts["blocking"] else "good"
    output.line(f"{len(report.rules)} rules, {report.resources} resources: {', '.join(parts)}", style)
    if report.unjudged:
        count = sum(report.unjudged.values())
        output.line(f"{count} resources of {len(report.unjudged)} types that no rule is about", "dim")


def _names(found: Sequence[Finding]) -> str:
    names = [one.name for one in found]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
