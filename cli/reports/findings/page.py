"""A rule's manual page, and why resources got their verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....policies import catalogue
from ....policies.finding import Finding
from ....policies.outcome import Verdict
from ....policies.packs import packs_of
from ....policies.rule import ResourceRule, Rule, Setting
from ...output import Output, Style
from .data import rule_data

_STYLES: Mapping[Verdict, Style] = {Verdict.PASS: "good", Verdict.FAIL: "bad", Verdict.ERROR: "bad"}


def data(rule: Rule) -> dict[str, object]:
    """A rule with its page."""
    parts = catalogue.paragraphs(rule.manual)
    return {
        **rule_data(rule),
        "manual": {(head or "summary").lower(): text for head, text in parts},
        "settings": {name: {"default": one.default, "help": one.help} for name, one in rule.options.items()},
        "examples": {"failing": [one.name for one in rule.failing], "passing": [one.name for one in rule.passing]},
    }


def write(output: Output, rules: Sequence[Rule]) -> None:
    """The pages, one after another."""
    for position, rule in enumerate(rules):
        if position:
            output.line()
        _write(output, rule)


def _write(output: Output, rule: Rule) -> None:
    output.line(f"{rule.id}  {rule.title}", "bold")
    output.line()
    for head, text in catalogue.paragraphs(rule.manual):
        output.line(f"{head}: {text}" if head else text)
        output.line()
    output.fields(_fields(rule))
    for name, option in rule.options.items():
        output.fields([(f"  {name}", f"{option.help} (default: {_written(option.default)})")])


def _fields(rule: Rule) -> list[tuple[str, str]]:
    fields = [("severity", str(rule.severity)), ("looks at", rule.scope)]
    if isinstance(rule, ResourceRule):
        fields.append(("types", ", ".join(rule.types)))
    fields.append(("packs", ", ".join(packs_of(rule))))
    optional = (
        ("remedy", rule.remedy),
        ("answers", ", ".join(rule.covers)),
        ("relates to", ", ".join(rule.relates_to)),
        ("settings", f"policies.settings.{rule.id}" if rule.options else ""),
        ("from", rule.origin if rule.origin != "groundplan" else ""),
    )
    return [*fields, *((name, value) for name, value in optional if value)]


def _written(value: Setting) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def explain(output: Output, rule: Rule, findings: Sequence[Finding]) -> None:
    """The verdicts of one rule, each with what it looked at."""
    output.line(f"{rule.id}  {rule.title}", "bold")
    for one in findings:
        place = f"{one.environment}: " if one.environment else ""
        output.line()
        output.line(f"{place}{one.name}  {one.verdict}", _STYLES.get(one.verdict, "plain"))
        output.fields([pair for pair in _seen(one) if pair[1]])


def _seen(one: Finding) -> list[tuple[str, str]]:
    exemption = one.exemption or one.expired
    return [
        ("  property", one.path),
        ("  found", one.found),
        ("  expected", one.expected),
        ("  level", str(one.level)),
        (
            "  exempted" if one.exemption else "  expired",
            f"{exemption.expires}: {exemption.reason}" if exemption else "",
        ),
        ("  config", one.where),
        ("  urn", one.urn),
    ]
