"""What a check found: one finding for each thing that a rule did not pass."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .exemptions import Exemption
from .outcome import Outcome, Verdict
from .packs import Level
from .resource import Resource
from .rule import Rule, Severity

Status = Literal["open", "exempted", "known"]
"""``known``: it was there when the baseline was written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key of a config, for rules that look at no resource; ``name`` is its dotted path."""

    name: str
    environment: str
    where: str = ""
    urn: str = ""
    type: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One verdict of a rule on one resource, or on one key of a config.

    It holds what the rule said and what about, and copies nothing of either, since there may be very many. ``expired``
    is the exemption that would have covered it.
    """

    rule: Rule
    outcome: Outcome
    level: Level
    about: Resource | Key
    status: Status = "open"
    exemption: Exemption | None = None
    expired: Exemption | None = None

    @property
    def verdict(self) -> Verdict:
        """What the rule said."""
        return self.outcome.verdict

    @property
    def path(self) -> str:
        """The property, or the config's key."""
        return self.outcome.path

    @property
    def found(self) -> str:
        """What stands there."""
        return self.outcome.found

    @property
    def expected(self) -> str:
        """What the rule asks for."""
        return self.outcome.expected

    @property
    def urn(self) -> str:
        """The resource's; "" for a config."""
        return self.about.urn

    @property
    def type(self) -> str:
        """The resource's; "" for a config."""
        return self.about.type

    @property
    def name(self) -> str:
        """The resource's name, or the key's dotted path."""
        return self.about.name

    @property
    def environment(self) -> str:
        """The environment that it is in; "" where nothing says it."""
        return self.about.environment

    @property
    def where(self) -> str:
        """The ``file:line:column`` of the config that causes it."""
        return self.about.where

    @property
    def severity(self) -> Severity:
        """The rule's severity."""
        return self.rule.severity

    @property
    def fingerprint(self) -> str:
        """The same for the same rule, resource, property and value, whatever else changes."""
        parts = (self.rule.id, self.environment, self.urn or self.name, self.path, self.verdict, self.found)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def blocks(self) -> bool:
        """Whether it ends a check with 5: an enforced rule that failed, or failed to run."""
        open_now = self.status == "open" and self.level is Level.ENFORCE
        return open_now and self.verdict in (Verdict.FAIL, Verdict.ERROR)


@dataclass(frozen=True, kw_only=True)
class Count:
    """How often a rule said what."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0
    errors: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """The outcome of a check.

    ``findings`` stand gravest first. ``counts`` are keyed by rule id, for every rule that was on; ``resources`` is how
    many resources were judged, ``unjudged`` counts those of types that no rule knows, by type. ``unused`` are
    exemptions that covered nothing.
    """

    findings: Sequence[Finding]
    counts: Mapping[str, Count]
    rules: Mapping[str, Rule]
    resources: int
    unjudged: Mapping[str, int] = field(default_factory=dict[str, int])
    unused: Sequence[Exemption] = ()

    @property
    def blocking(self) -> list[Finding]:
        """The findings that end a check with 5."""
        return [one for one in self.findings if one.blocks]

    @property
    def totals(self) -> Count:
        """All counts in one."""
        every = self.counts.values()
        return Count(
            passed=sum(one.passed for one in every),
            failed=sum(one.failed for one in every),
            unknown=sum(one.unknown for one in every),
            not_applicable=sum(one.not_applicable for one in every),
            errors=sum(one.errors for one in every),
        )
