"""SARIF 2.1.0 for code scanning: rules with their pages, findings with fingerprints, exemptions as suppressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from ....policies import catalogue
from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ....policies.packs import packs_of
from ....policies.rule import Rule
from ...output import place
from .finding import fix, message

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "groundplanFinding/v1"

_LEVELS: Mapping[str, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SECURITY: Mapping[str, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""What code scanning sorts by: from 9.0 on it reads critical, from 7.0 high, from 4.0 medium."""


def log(report: Report, *, source: str, suppressed: bool = True) -> dict[str, object]:
    """The log; results come one by one. ``source`` is the file that a finding without a place of its own stands in.

    Code scanning shows suppressed results like others; with ``suppressed`` off they are left out.
    """
    shown = [one for one in report.findings if one.verdict in _KINDS and (suppressed or one.status == "open")]
    rules = list(report.rules.values())
    index = {rule.id: position for position, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {
            "name": "groundplan", "semanticVersion": version("groundplan"), "rules": [_rule(rule) for rule in rules],
        }},
        "automationDetails": {"id": "groundplan/check/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": report.totals.errors == 0}],
        "results": (_result(one, index[one.rule.id], source) for one in shown),
    }  # fmt: skip
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


_KINDS: Mapping[Verdict, str] = {
    Verdict.FAIL: "fail",
    Verdict.ERROR: "fail",
    Verdict.UNKNOWN: "open",
    Verdict.PASS: "pass",
    Verdict.NOT_APPLICABLE: "notApplicable",
}


def _rule(rule: Rule) -> dict[str, object]:
    parts = catalogue.paragraphs(rule.manual)
    body = "\n\n".join(f"**{head}** {text}" if head else text for head, text in parts)
    related = [f"relates to {one}" for one in rule.relates_to]
    answers = [f"answers {one}" for one in rule.covers]
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.title.replace("/", " ").split() if word.isalnum())
        or rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": parts[0][1] if parts else rule.title},
        "help": {
            "text": f"{fix(rule)}",
            "markdown": "\n\n".join([body, *(f"- {line}" for line in (*answers, *related))]),
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["security" if "governance" not in rule.packs else "governance", *packs_of(rule)],
            "precision": "very-high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                _LEVELS[rule.severity]
            ],
            "security-severity": _SECURITY[rule.severity],
        },
    }


def _result(one: Finding, rule_index: int, source: str) -> dict[str, object]:
    kind = _KINDS[one.verdict]
    result: dict[str, object] = {
        "ruleId": one.rule.id,
        "ruleIndex": rule_index,
        "kind": kind,
        "level": _LEVELS[one.severity] if kind == "fail" else "none",
        "message": {"text": _text(one)},
        "locations": [_location(one, source)],
        "partialFingerprints": {FINGERPRINT: one.fingerprint},
        "baselineState": "unchanged" if one.status == "known" else "new",
        "properties": {"verdict": str(one.verdict), "environment": one.environment, "property": one.path},
    }
    if one.exemption is not None:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"{one.exemption.owner}, until {one.exemption.expires}: {one.exemption.reason}",
            }
        ]
    return result


def _text(one: Finding) -> str:
    remedy = f" Fix: {one.rule.remedy}" if one.rule.remedy and one.where else ""
    place_of_it = f"{one.environment}: " if one.environment else ""
    return f"{place_of_it}{one.name}: {message(one)}.{remedy}"


def _location(one: Finding, source: str) -> dict[str, object]:
    file, line, column = place(one.where)
    region: dict[str, object] = {"startLine": line or 1, **({"startColumn": column} if column else {})}
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": file or source}, "region": region},
    }
    if one.urn:
        logical: Sequence[object] = [{"fullyQualifiedName": one.urn, "name": one.name, "kind": "resource"}]
        location["logicalLocations"] = logical
    return location
