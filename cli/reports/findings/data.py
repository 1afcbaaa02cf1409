"""A report as data: the JSON of ``check``, and what the other writers count and group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from ....policies.finding import Finding, Report
from ....policies.packs import packs_of
from ....policies.rule import ResourceRule, Rule
from ...checking.source import Source
from ...json_text import Lines
from .finding import exemption_data
from .lines import lines

FORMAT = 1


def report_data(report: Report, source: Source) -> dict[str, object]:
    """The whole report; ``findings`` come one by one, since they may be many."""
    return {
        "format": FORMAT,
        "source": asdict(source),
        "resources": report.resources,
        "summary": summary(report),
        "findings": Lines(lines(report.findings)),
        "rules": [{**rule_data(rule), **asdict(report.counts[rule.id])} for rule in report.rules.values()],
        "unjudged": dict(report.unjudged),
        "unused_exemptions": [exemption_data(one) for one in report.unused],
    }


def summary(report: Report) -> dict[str, int]:
    """How often the rules said what; ``exempted`` and ``known`` are findings, ``blocking`` those that end with 5."""
    return {
        **asdict(report.totals),
        "exempted": sum(one.status == "exempted" for one in report.findings),
        "known": sum(one.status == "known" for one in report.findings),
        "blocking": len(report.blocking),
    }


def rule_data(rule: Rule) -> dict[str, object]:
    """A rule as lists show it."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "scope": rule.scope,
        "types": list(rule.types) if isinstance(rule, ResourceRule) else [],
        "covers": list(rule.covers),
        "relates_to": list(rule.relates_to),
        "packs": packs_of(rule),
        "remedy": rule.remedy,
        "origin": rule.origin,
    }


def grouped(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by rule, in their order."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.rule.id, []).append(one)
    return found
