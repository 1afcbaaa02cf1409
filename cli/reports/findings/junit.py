"""JUnit XML: a suite for each rule, so that a CI system shows which rule failed where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from ....policies.finding import Finding, Report
from ....policies.outcome import Verdict
from ....policies.rule import Rule
from .data import grouped
from .finding import fix, message

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def render(report: Report) -> str:
    """The document. What a rule passed is one case; what is exempted, known or unknown is a skipped one."""
    findings = grouped(one for one in report.findings if one.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE))
    suites = [_suite(rule, findings.get(id, []), report.counts[id].passed) for id, rule in report.rules.items()]
    root = ET.Element("testsuites", {"name": "groundplan check", **_totals(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(rule: Rule, findings: Sequence[Finding], passed: int) -> ET.Element:
    cases = [_case(one) for one in findings]
    if passed:
        cases.append(ET.Element("testcase", {"classname": rule.id, "name": f"{passed} passed"}))
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suite = ET.Element("testsuite", {"name": f"{rule.id} {_clean(rule.title)}", **counts})
    suite.extend(cases)
    return suite


def _case(one: Finding) -> ET.Element:
    name = " ".join(part for part in (one.environment, one.name, one.path if one.urn else "") if part)
    case = ET.Element("testcase", {"classname": one.rule.id, "name": _clean(name)})
    said = _clean(message(one))
    if one.status != "open" or one.verdict is Verdict.UNKNOWN:
        why = f"exempted: {one.exemption.reason}" if one.exemption else one.status if one.status != "open" else said
        ET.SubElement(case, "skipped", {"message": _clean(why)})
        return case
    tag = "error" if one.verdict is Verdict.ERROR else "failure"
    inner = ET.SubElement(case, tag, {"message": said, "type": str(one.severity)})
    lines = (one.urn, one.where, f"fix: {one.rule.remedy or fix(one.rule)}")
    inner.text = _clean("\n".join(line for line in lines if line))
    return case


def _totals(suites: Sequence[ET.Element]) -> dict[str, str]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in names}


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
