"""The rules that a command works with: ours, those of installed packages, and those that the user asked for."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from ...core.errors import GroundplanError, NotFoundError, UsageError
from ...core.suggestions import did_you_mean
from ...policies import catalogue, packs
from ...policies.checking import Judge
from ...policies.custom import rules as custom
from ...policies.rule import ResourceRule, Rule
from ...policies.tokens import normalised
from ...stacks.config.finding import find, name_of
from ..session import Session


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The custom rules that somebody says yes to: folders by name, and with ``trusted`` those that the config names."""

    folders: Sequence[str] = ()
    trusted: bool = False


@dataclass(frozen=True, kw_only=True)
class Named:
    """Folders of rules that a config or a file of policies names, and the line that does."""

    folders: Sequence[Path] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Every rule by id, and how it is asked. ``chosen`` are the ids of folders, which are on in every pack."""

    every: Mapping[str, Rule]
    chosen: frozenset[str]
    judge: Judge


@contextmanager
def opened(session: Session, asked: Asked, named: Sequence[Named]) -> Generator[Rules]:
    """All rules, for as long as the block runs.

    Raises UsageError for folders that are named and not trusted, and for whatever is wrong with a custom rule.
    """
    folders = [session.folder / one for one in asked.folders]
    folders += [folder for one in named for folder in one.folders]
    _require_trust(asked, named)
    shown = [Path(name_of(one)) for one in folders]
    with custom.opened(shown, packages=True) as found:
        origins = {str(one) for one in shown}
        chosen = frozenset(id for id, rule in found.rules.items() if rule.origin in origins)
        every = catalogue.collected([*catalogue.ours().values(), *found.rules.values()])
        yield Rules(every=every, chosen=chosen, judge=found.judge)


@contextmanager
def known(session: Session, asked: Asked) -> Generator[Rules]:
    """All rules for a command that only looks at them: beside a config that is wrong too, unless that is trusted."""
    with opened(session, asked, _named_by_config(session, asked)) as rules:
        yield rules


def _named_by_config(session: Session, asked: Asked) -> Sequence[Named]:
    from .settings import named_folders

    try:
        find(session.folder)
    except NotFoundError:
        return ()
    from ...stacks.config.reading import read_stacks

    try:
        return named_folders(read_stacks(session.folder).values())
    except GroundplanError:
        if asked.trusted:
            raise
        return ()


def _require_trust(asked: Asked, named: Sequence[Named]) -> None:
    if asked.trusted:
        return
    for one in named:
        if one.folders:
            folders = ", ".join(name_of(folder) for folder in one.folders)
            raise UsageError(
                f"rules are programs, and those in {folders} run only for who trusts them",
                where=one.where,
                hint="Look at them, then add --trust-rules.",
            )


def named(id: str, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rule with this id, or those that answer the published one. Raises NotFoundError."""
    if id.upper() in rules:
        return [rules[id.upper()]]
    answering = catalogue.answering(id, rules)
    if answering:
        return answering
    raise NotFoundError(
        f"there is no rule {id!r}, and none answers a published rule of that name", hint=catalogue.meant(id, rules)
    )


def require_pack(name: str, rules: Mapping[str, Rule]) -> None:
    """Raises NotFoundError for a pack that is none."""
    names = packs.names(rules.values())
    if name not in names:
        raise NotFoundError(f"there is no pack {name!r}", hint=did_you_mean(name, names))


def in_pack(name: str, rules: Mapping[str, Rule]) -> int:
    """How many rules a pack holds."""
    return sum(name in packs.packs_of(rule) for rule in rules.values())


def is_about(rule: Rule, type: str) -> bool:
    """Whether a rule is about a resource type, however the type is written."""
    return isinstance(rule, ResourceRule) and any(fnmatchcase(normalised(type), one) for one in rule.types)
