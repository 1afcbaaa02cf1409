"""A rule as the engine's list of policies shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .. import catalogue, packs
from ..packs import Level
from ..rule import ResourceRule, Rule, Setting, Severity

PROJECT = "groundplan"
"""The policy that holds what a project says of all rules, and speaks of exemptions that cover nothing."""

_PAGES = "docs/policies.md"
_NAME = re.compile(r"[ :_]")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """``kind`` says whether it is asked about each resource or once about the stack.

    ``schema`` are its settings as JSON schemas, by name. ``framework`` is the first one that it relates to,
    ``reference`` the part of it, ``specification`` all that it relates to or answers.
    """

    name: str
    display_name: str
    description: str
    kind: Literal["resource", "stack"]
    level: Level
    severity: Severity
    framework: str = ""
    reference: str = ""
    specification: str = ""
    tags: tuple[str, ...] = ()
    remediation_steps: str = ""
    url: str = ""
    schema: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])


def rules_of(rules: Iterable[Rule]) -> dict[str, ResourceRule]:
    """Those that a pack can ask: the ones about resources. Configs, evidence and actions are no engine's matter."""
    return {rule.id: rule for rule in rules if isinstance(rule, ResourceRule)}


def policies(rules: Iterable[Rule]) -> list[Policy]:
    """A policy for each rule about resources, and the project's own."""
    return [*(_policy(rule) for rule in rules_of(rules).values()), _PROJECT_POLICY]


_PROJECT_POLICY = Policy(
    name=PROJECT,
    display_name="What the project says of the rules",
    description="Each exemption covers a finding",
    kind="stack",
    level=Level.ADVISE,
    severity=Severity.LOW,
    remediation_steps="Remove the exemption, or correct its rule and its resource.",
    url=f"{_PAGES}#in-the-engine",
    schema={
        "packs": {"type": "array", "items": {"type": "string"}},
        "exemptions": {"type": "array", "items": {"type": "object"}},
        "max_exemption_days": {"type": "integer"},
        "config": {"type": "object"},
        "causes": {"type": "object"},
    },
)


def _policy(rule: ResourceRule) -> Policy:
    related = (*rule.relates_to, *rule.covers)
    return Policy(
        name=rule.id,
        display_name=f"{rule.id} {rule.title}",
        description=rule.title,
        kind="stack" if rule.scope == "graph" else "resource",
        level=packs.level_of(rule, (packs.ALL,), {}),
        severity=rule.severity,
        framework=_NAME.split(related[0])[0] if related else "",
        reference=related[0] if related else "",
        specification=", ".join(related),
        tags=tuple(packs.packs_of(rule)),
        remediation_steps=next((text for head, text in catalogue.paragraphs(rule.manual) if head == "Fix"), ""),
        url=f"{_PAGES}#{rule.id.lower()}",
        schema={name: {**_schema(one.default), "description": one.help} for name, one in rule.options.items()},
    )


def _schema(default: Setting) -> Mapping[str, object]:
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "default": list(default)}
    if isinstance(default, bool):
        return {"type": "boolean", "default": default}
    kind = "string" if isinstance(default, str) else "number"
    return {"type": kind, "default": default}
