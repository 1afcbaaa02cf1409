"""One finding as data, part by part: many findings share what is said of a rule, a resource or a verdict."""

from __future__ import annotations

from functools import cache

from ....policies import catalogue
from ....policies.exemptions import Exemption
from ....policies.finding import Finding, Status
from ....policies.outcome import Verdict
from ....policies.packs import Level
from ....policies.rule import Rule
from ...output import place


def finding_data(one: Finding) -> dict[str, object]:
    """One finding."""
    return {
        **opening(one.rule),
        **verdict(one.verdict, one.level, one.status),
        **target(one.urn, one.type, one.name, one.environment),
        **outcome(one.path, one.found, one.expected),
        **position(one.where),
        **advice(one.rule),
        "fingerprint": one.fingerprint,
        **exemptions(one.exemption, one.expired),
    }


def opening(rule: Rule) -> dict[str, object]:
    """What a finding says first of its rule."""
    return {"rule": rule.id, "title": rule.title, "severity": rule.severity}


def verdict(found: Verdict, level: Level, status: Status) -> dict[str, object]:
    """What a finding amounts to."""
    return {"verdict": found, "level": level, "status": status}


def target(urn: str, type: str, name: str, environment: str) -> dict[str, object]:
    """What a finding is about."""
    return {"urn": urn, "type": type, "name": name, "environment": environment}


def outcome(path: str, found: str, expected: str) -> dict[str, object]:
    """What a rule looked at, and saw."""
    return {"path": path, "found": found, "expected": expected}


def position(where: str) -> dict[str, object]:
    """The line of a config that causes a finding, whole and in its parts."""
    file, line, column = place(where) if where else (None, None, None)
    return {"where": where, "file": file, "line": line, "column": column}


def advice(rule: Rule) -> dict[str, object]:
    """What a finding says of mending it, and whom its rule answers."""
    return {"fix": fix(rule), "remedy": rule.remedy, "covers": list(rule.covers)}


def exemptions(active: Exemption | None, expired: Exemption | None) -> dict[str, object]:
    """The exemption that covers a finding, and one that would have."""
    return {
        "exemption": exemption_data(active) if active else None,
        "expired_exemption": exemption_data(expired) if expired else None,
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
    """A finding in one sentence, with the exemption that has expired."""
    if one.verdict == "error":
        return f"{one.rule.title}: the rule failed to run: {one.found}"
    found = f"{one.path or 'it'} is {one.found}" if one.found else ""
    wanted = f"expected {one.expected}" if one.expected else ""
    expired = f"the exemption by {one.expired.owner} expired on {one.expired.expires}" if one.expired else ""
    return ": ".join(filter(None, (one.rule.title, ", ".join(filter(None, (found, wanted, expired))))))


def named(one: Finding) -> str:
    """What a finding is about, with its environment."""
    return f"{one.environment}: {one.name}" if one.environment else one.name


def exempted_until(one: Finding) -> str:
    """Who exempted a finding, until when and why; "" for one that is not."""
    if one.exemption is None:
        return ""
    return f"exempted until {one.exemption.expires} by {one.exemption.owner}: {one.exemption.reason}"
