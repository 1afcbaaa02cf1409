"""Packs: which rules a project asks for, and how much each weighs unless the config says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from .rule import Rule, Severity


class Level(StrEnum):
    """What follows when a rule fails: nothing, a word, or an exit code of 5 and a refused action."""

    OFF = "off"
    ADVISE = "advise"
    ENFORCE = "enforce"


ALL = "all"
"""The pack of every rule."""

OWN: Mapping[str, str] = {
    "baseline": "what every platform should hold to; groundplan's defaults do",
    "hardened": "for sensitive data and strict companies: everything about resources",
    "governance": "the model's life: evidence, approvals, lineage, documentation, cost",
}
"""The packs that rules name themselves."""

FRAMEWORKS: Mapping[str, str] = {
    "dora": "DORA",
    "eu-ai-act": "EU-AI-Act",
    "finops": "FinOps",
    "gdpr": "GDPR",
    "iso-27001": "ISO-27001",
    "iso-42001": "ISO-42001",
    "mcsb": "MCSB",
    "nist-800-53": "NIST-800-53",
    "nist-ai-rmf": "NIST-AI-RMF",
    "slsa": "SLSA",
    "soc2": "SOC2",
    "sr-11-7": "SR-11-7",
}
"""A pack for each framework: the rules that relate to a part of it."""

_BLOCKING = (Severity.CRITICAL, Severity.HIGH)


def names(rules: Iterable[Rule] = ()) -> list[str]:
    """Every pack, with those that custom rules bring."""
    custom = {pack for rule in rules for pack in rule.packs}
    return sorted({ALL, *OWN, *FRAMEWORKS, *custom})


def packs_of(rule: Rule) -> list[str]:
    """The packs a rule belongs to."""
    answered = (*rule.relates_to, *rule.covers)
    related = [name for name, prefix in FRAMEWORKS.items() if any(one.startswith(prefix) for one in answered)]
    return sorted({ALL, *rule.packs, *related})


def level_of(rule: Rule, packs: Sequence[str], levels: Mapping[str, str]) -> Level:
    """The level of a rule: the config's own, else by its severity when one of ``packs`` holds it, else off.

    Critical and high rules are enforced; ``hardened`` enforces the medium ones of its own too.
    """
    if rule.id in levels:
        return Level(levels[rule.id])
    chosen = set(packs) & set(packs_of(rule))
    if not chosen:
        return Level.OFF
    if rule.severity in _BLOCKING or ("hardened" in chosen and rule.severity is Severity.MEDIUM):
        return Level.ENFORCE
    return Level.ADVISE
