"""A report as data: the JSON of ``check``, and what the other writers read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import cache

from ....policies import catalogue
from ....policies.exemptions import Exemption
from ....policies.finding import Finding, Report
from ....policies.packs import packs_of
from ....policies.rule import ResourceRule, Rule
from ...checking.source import Source
from ...output import place

FORMAT = 1


def report_data(report: Report, source: Source) -> dict[str, object]:
    """The whole report; ``findings`` come one by one, since they may be many."""
    return {
        "format": FORMAT,
        "source": asdict(source),
        "resources": report.resources,
        "summary": summary(report),
        "findings": map(finding_data, report.findings),
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


def finding_data(one: Finding) -> dict[str, object]:
    """One finding."""
    file, line, column = place(one.where) if one.where else (None, None, None)
    return {
        "rule": one.rule.id,
        "title": one.rule.title,
        "severity": one.severity,
        "verdict": one.verdict,
        "level": one.level,
        "status": one.status,
        "urn": one.urn,
        "type": one.type,
        "name": one.name,
        "environment": one.environment,
        "path": one.path,
        "found": one.found,
        "expected": one.expected,
        "where": one.where,
        "file": file,
        "line": line,
        "column": column,
        "fix": fix(one.rule),
        "remedy": one.rule.remedy,
        "covers": list(one.rule.covers),
        "fingerprint": one.fingerprint,
        "exemption": exemption_data(one.exemption) if one.exemption else None,
        "expired_exemption": exemption_data(one.expired) if one.expired else None,
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


def exemption_data(one: Exemption) -> dict[str, object]:
    """An exemption."""
    return {
        "rule": one.rule,
        "resource": one.resource,
        "reason": one.reason,
        "owner": one.owner,
        "expires": one.expires,
        "expired": one.expired,
        "where": one.where,
    }


def fix(rule: Rule) -> str:
    """What the rule's page says about mending it."""
    return _fix(rule.manual)


@cache
def _fix(manual: str) -> str:
    return next((text for head, text in catalogue.paragraphs(manual) if head == "Fix"), "")


def message(one: Finding) -> str:
    """A finding in one sentence."""
    if one.verdict == "error":
        return f"{one.rule.title}: the rule failed to run: {one.found}"
    wanted = f", expected {one.expected}" if one.expected else ""
    return f"{one.rule.title}: {one.path or 'it'} is {one.found}{wanted}" if one.found else f"{one.rule.title}{wanted}"


def grouped(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings by rule, in their order."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.rule.id, []).append(one)
    return found
