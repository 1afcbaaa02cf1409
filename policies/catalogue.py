"""Finds the rules: ours in ``rules/``, those of installed packages, each in a file of its own and well-formed."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType

from ..core.errors import NotFoundError, UsageError
from ..core.suggestions import closest
from . import rules as _folder
from .rule import ConfigRule, ResourceRule, Rule

ENTRY_POINTS = "groundplan.rules"
"""The entry point group of packages that bring rules; each entry names a module that holds ``RULE``."""

_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
_PARTS = ("What:", "Why:", "Fix:")


@cache
def ours() -> Mapping[str, Rule]:
    """groundplan's own rules by id, in the order of their ids."""
    names = sorted(one.name for one in pkgutil.iter_modules(_folder.__path__) if not one.name.startswith("_"))
    return collected(rule_of(importlib.import_module(f"{_folder.__name__}.{name}")) for name in names)


def collected(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Rules by id. Raises UsageError when two have the same id."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in found:
            raise UsageError(
                f"two rules have the id {rule.id}: one of {found[rule.id].origin}, one of {rule.origin}",
                hint="Give one of them another id.",
            )
        found[rule.id] = rule
    return dict(sorted(found.items(), key=lambda item: ordered(item[0])))


def rule_of(module: ModuleType, *, origin: str = "groundplan") -> Rule:
    """The rule of a file, with its docstring as its manual. Raises UsageError that names what is missing."""
    rule: object = getattr(module, "RULE", None)
    if not isinstance(rule, (ResourceRule, ConfigRule)):
        raise _malformed(module, "it has no RULE = ResourceRule(…) or ConfigRule(…)")
    wrong = list(_problems(rule, module.__doc__ or ""))
    if wrong:
        raise _malformed(module, "; ".join(wrong))
    return replace(rule, manual=(module.__doc__ or "").strip(), origin=origin)


def get(id: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule with this id, whatever its case. Raises NotFoundError with a near one."""
    found = rules.get(id.upper())
    if found is None:
        raise NotFoundError(f"there is no rule {id!r}", hint=meant(id, rules))
    return found


def meant(id: str, rules: Mapping[str, Rule]) -> str:
    """A hint for an id that no rule has: the rules that answer it, else the nearest one, also of the published ones."""
    known = [rule.id for rule in answering(id, rules)]
    if known:
        return f"{' and '.join(known)} answer{'' if len(known) > 1 else 's'} it: write that."
    same = (one for one in rules if ordered(one) == ordered(id.upper()))
    published = {one for rule in rules.values() for one in rule.covers}
    nearest = next(same, None) or closest(id, rules) or closest(id, published)
    if nearest:
        return f"Did you mean {nearest!r}?"
    return "groundplan policies list shows the rules, groundplan policies coverage the published ones."


def answering(published: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rules that answer a published one, by its id."""
    wanted = published.lower()
    return [rule for rule in rules.values() if wanted in (one.lower() for one in rule.covers)]


def ordered(id: str) -> tuple[object, ...]:
    """A key that sorts ids as a person would: AML-2 before AML-10."""
    return tuple(int(one) if one.isdigit() else one for one in re.split(r"(\d+)", id))


def _problems(rule: Rule, manual: str) -> Iterable[str]:
    if not _ID.fullmatch(rule.id):
        yield f"the id {rule.id!r} is not like AML-01"
    missing = [part for part in _PARTS if not re.search(rf"^{part}", manual, re.MULTILINE)]
    if missing:
        yield f"its docstring has no paragraph {' '.join(missing)}"
    if not rule.failing or not rule.passing:
        yield "it needs an example that fails and one that passes"
    if isinstance(rule, ResourceRule) and not rule.types:
        yield "it names no resource type"


def _malformed(module: ModuleType, what: str) -> UsageError:
    place = getattr(module, "__file__", "") or module.__name__
    return UsageError(f"the rule cannot be used: {what}", where=place, hint="groundplan policies new shows the form.")


@cache
def paragraphs(manual: str) -> Sequence[tuple[str, str]]:
    """The parts of a manual page: the summary under "", then what follows What, Why, Fix and Decided."""
    found: list[tuple[str, str]] = []
    for block in re.split(r"\n\s*\n", manual.strip()):
        text = " ".join(block.split()).replace("``", "`")
        head, colon, rest = text.partition(":")
        found.append((head, rest.strip()) if colon and head in ("What", "Why", "Fix", "Decided") else ("", text))
    return tuple(found)
