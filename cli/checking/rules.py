"""The rules that a command works with: ours, and those that the user asked for."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ...core.errors import NotFoundError
from ...core.suggestions import did_you_mean
from ...policies import catalogue, packs
from ...policies.rule import ResourceRule, Rule
from ...policies.types import normalised
from ..session import Session


def of(session: Session) -> Mapping[str, Rule]:
    """Every rule by id."""
    del session
    return catalogue.ours()


def named(id: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rule with this id, or those that answer the published one. Raises NotFoundError."""
    if id.upper() in rules:
        return [rules[id.upper()]]
    answering = catalogue.answering(id, rules)
    if answering:
        return answering
    published = sorted({one for rule in rules.values() for one in rule.covers})
    hint = did_you_mean(id.upper(), list(rules)) or did_you_mean(id, published)
    raise NotFoundError(
        f"there is no rule {id!r}, and none answers a published rule of that name",
        hint=hint or "groundplan policies list shows the rules, groundplan policies coverage the published ones.",
    )


def require_pack(name: str, rules: Mapping[str, Rule]) -> None:
    """Raises NotFoundError for a pack that is none."""
    known = packs.names(rules.values())
    if name not in known:
        raise NotFoundError(f"there is no pack {name!r}", hint=did_you_mean(name, known))


def in_pack(name: str, rules: Mapping[str, Rule]) -> int:
    """How many rules a pack holds."""
    return sum(name in packs.packs_of(rule) for rule in rules.values())


def is_about(rule: Rule, type: str) -> bool:
    """Whether a rule is about a resource type, however the type is written."""
    return isinstance(rule, ResourceRule) and any(fnmatchcase(normalised(type), one) for one in rule.types)
