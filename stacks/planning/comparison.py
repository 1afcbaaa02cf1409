"""What changed between two plans: added, changed property by property, replaced where the cloud forces it, removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from ...modules.contract.planned import PlannedResource, Unknown
from ...modules.contract.rules import TypeRules
from .plan import Plan

Kind = Literal["added", "changed", "replaced", "removed"]

_OPTIONS = ("protect", "retain_on_delete", "provider")


class _Missing:
    """Stands where there is no value."""


_MISSING = _Missing()


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property: ``before`` or ``after`` is None where it is not there; ``forces`` that it cannot be updated."""

    path: str
    before: object
    after: object
    forces: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One resource of one stack. ``stateful`` says that it holds what is lost with it, ``loses`` what that is.

    ``cause`` and ``where`` are of the config that asks for it now, or asked for it before it was removed.
    """

    kind: Kind
    stack: str
    urn: str
    type: str
    name: str
    properties: tuple[PropertyChange, ...] = ()
    stateful: bool = False
    loses: str = ""
    cause: str = ""
    where: str = ""

    @property
    def risky(self) -> bool:
        """Whether something that holds data or state would go."""
        return self.stateful and self.kind in ("replaced", "removed")


def compared(
    before: Iterable[Plan], after: Iterable[Plan], rules: Mapping[str, TypeRules], *, existing: Iterable[str]
) -> tuple[ResourceChange, ...]:
    """What would change, in the order in which the stacks and their resources are planned; removals last.

    Components are no resources of a cloud, and are not compared.
    A stack of ``before`` that still exists but is not in ``after`` was not planned, and is not compared.
    """
    old = {plan.stack: plan for plan in before}
    new = {plan.stack: plan for plan in after}
    changes: list[ResourceChange] = []
    for stack, plan in new.items():
        changes.extend(_stack(stack, old[stack].resources if stack in old else (), plan.resources, rules))
    for stack in sorted(old.keys() - new.keys() - set(existing)):
        changes.extend(_stack(stack, old[stack].resources, (), rules))
    return tuple(changes)


def _stack(
    stack: str, before: Sequence[PlannedResource], after: Sequence[PlannedResource], rules: Mapping[str, TypeRules]
) -> Iterator[ResourceChange]:
    before, after = ([one for one in plan if not one.component] for plan in (before, after))
    old = {one.urn: one for one in before}
    kept = {one.urn for one in after}
    replaced: set[str] = set()
    for one in after:
        if one.urn not in old:
            yield _change("added", stack, one, rules)
            continue
        properties = tuple(_properties(old[one.urn], one, rules.get(one.type), replaced))
        kind: Kind = "replaced" if any(change.forces for change in properties) else "changed"
        if kind == "replaced":
            replaced.add(one.urn)
        if properties:
            yield _change(kind, stack, one, rules, properties)
    for one in reversed(before):
        if one.urn not in kept:
            yield _change("removed", stack, one, rules)


def _change(
    kind: Kind,
    stack: str,
    one: PlannedResource,
    rules: Mapping[str, TypeRules],
    properties: tuple[PropertyChange, ...] = (),
) -> ResourceChange:
    rule = rules.get(one.type)
    return ResourceChange(
        kind=kind, stack=stack, urn=one.urn, type=one.type, name=one.name, properties=properties,
        stateful=rule is not None and rule.stateful, loses="" if rule is None else rule.loses,
        cause=one.cause, where=one.where,
    )  # fmt: skip


def _properties(
    before: PlannedResource, after: PlannedResource, rule: TypeRules | None, replaced: set[str]
) -> Iterator[PropertyChange]:
    forcing = (*after.replace_on_changes, *(_forcing(rule) if rule is not None else ()))
    for path, old, new in _differences(before.properties, after.properties, ""):
        if not _covered(path, after.ignore_changes):
            yield PropertyChange(path=path, before=_there(old), after=_there(new), forces=_covered(path, forcing))
    for path, value in _unknowns(after.properties, ""):
        if replaced.intersection(value.of) and _covered(path, forcing) and not _covered(path, after.ignore_changes):
            yield PropertyChange(path=path, before=value, after=value, forces=True)
    for option in _OPTIONS:
        old, new = getattr(before, option), getattr(after, option)
        if old != new:
            yield PropertyChange(path=f"({option})", before=old, after=new)


def _forcing(rule: TypeRules) -> set[str]:
    """The name of a thing is what it is known by: no cloud renames one."""
    return {*rule.replaced_by, *([rule.name.property] if rule.name is not None else [])}


def _differences(before: object, after: object, path: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        old, new = cast("Mapping[str, object]", before), cast("Mapping[str, object]", after)
        for name in sorted(old.keys() | new.keys()):
            inner = f"{path}.{name}" if path else name
            yield from _differences(old.get(name, _MISSING), new.get(name, _MISSING), inner)
    elif isinstance(before, list) and isinstance(after, list):
        olds, news = cast("list[object]", before), cast("list[object]", after)
        if len(olds) == len(news):
            for position, (old, new) in enumerate(zip(olds, news, strict=True)):
                yield from _differences(old, new, f"{path}.{position}")
        else:
            yield path, before, after
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield path, before, after


def _unknowns(value: object, path: str) -> Iterator[tuple[str, Unknown]]:
    if isinstance(value, Unknown):
        yield path, value
    elif isinstance(value, Mapping):
        for name, entry in cast("Mapping[str, object]", value).items():
            yield from _unknowns(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for position, entry in enumerate(cast("list[object]", value)):
            yield from _unknowns(entry, f"{path}.{position}")


def _covered(path: str, covering: Iterable[str]) -> bool:
    """Whether a path is one of these or lies in one of them; positions in lists do not count, ``*`` is any key."""
    parts = [part for part in path.split(".") if not part.isdigit()]
    for one in covering:
        wanted = [part for part in one.replace("[*]", "").split(".") if not part.isdigit()]
        if len(wanted) <= len(parts) and all(a in ("*", b) for a, b in zip(wanted, parts, strict=False)):
            return True
    return False


def _there(value: object) -> object:
    return None if value is _MISSING else value
