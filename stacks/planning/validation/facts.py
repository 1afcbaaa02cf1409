"""Facts about resource types that no SDK states: names, ranges, what excludes what, which names may be taken once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from ....core.suggestions import did_you_mean
from ....modules.contract.planned import PlannedResource, Unknown
from ....modules.contract.rules import NameRule, TypeRules, Uniqueness
from ..observing import Path
from .finding import Finding, dotted, opened, plain, shown


def findings(rules: TypeRules, inputs: Mapping[str, object]) -> Iterator[Finding]:
    """What these inputs have that a cloud would refuse; unknown values are left alone."""
    if rules.name is not None:
        yield from _name(rules.name, inputs)
    for path in sorted(rules.required):
        yield from _required(path, inputs)
    for group in rules.exactly_one:
        yield from _counted(group, inputs, exactly=True)
    for group in rules.at_most_one:
        yield from _counted(group, inputs, exactly=False)
    for path, pattern in rules.patterns.items():
        yield from _pattern(path, pattern, inputs)
    for path, (least, most) in rules.ranges.items():
        yield from _range(path, least, most, inputs)
    for path, choices in rules.choices.items():
        yield from _choice(path, choices, inputs)


def taken_twice(
    resources: Iterable[PlannedResource], rules: Mapping[str, TypeRules]
) -> Iterator[tuple[PlannedResource, Finding]]:
    """Names that a second resource has too, within the circle in which each may be taken once."""
    first: dict[tuple[object, ...], PlannedResource] = {}
    for one in resources:
        rule = rules[one.type].name if one.type in rules else None
        name = plain(one.properties.get(rule.property)) if rule is not None else None
        if rule is None or not isinstance(name, str):
            continue
        holder = first.setdefault((one.type, name.lower(), *_circle(rule.unique, rule.property, one)), one)
        if holder is not one:
            yield (
                one,
                Finding(
                    path=(rule.property,),
                    message=f"{rule.property} {name!r} is taken by {holder.name} of {_stack(holder)} too",
                    hint="Give one of the two another name in the config.",
                    value=name,
                ),
            )


def values_at(inputs: object, path: str) -> Iterator[tuple[Path, object]]:
    """Every value at a dotted path; lists on the way give one for each entry, ``*`` stands for every key."""
    yield from _at(inputs, path.split(".") if path else [], ())


def _at(value: object, parts: list[str], path: Path) -> Iterator[tuple[Path, object]]:
    if not parts:
        yield path, value
        return
    content = opened(value)
    if isinstance(content, list):
        for position, entry in enumerate(cast("list[object]", content)):
            yield from _at(entry, parts, (*path, position))
    elif isinstance(content, Mapping):
        entries = cast("Mapping[str, object]", content)
        for name in entries if parts[0] == "*" else [parts[0]]:
            if name in entries:
                yield from _at(entries[name], parts[1:], (*path, name))


def _known(inputs: Mapping[str, object], path: str) -> Iterator[tuple[Path, object, object]]:
    """Places, values as they may be shown, values; without what is unknown."""
    for place, value in values_at(inputs, path):
        if not isinstance(value, Unknown):
            yield place, value, plain(value)


def _name(rule: NameRule, inputs: Mapping[str, object]) -> Iterator[Finding]:
    for path, value, content in _known(inputs, rule.property):
        if not isinstance(content, str):
            continue
        if not rule.minimum <= len(content) <= rule.maximum:
            length = f"{rule.minimum} to {rule.maximum}" if rule.minimum != rule.maximum else str(rule.minimum)
            yield Finding(
                path=path,
                message=f"{dotted(path)} {shown(value)} has {len(content)} characters; the cloud takes {length}",
                hint="Shorten the project's, environment's or this thing's name."
                if len(content) > rule.maximum
                else "",
                value=content,
            )
        elif not re.fullmatch(rule.pattern, content):
            yield _off_pattern(path, value, content, rule.pattern)


def _pattern(path: str, pattern: str, inputs: Mapping[str, object]) -> Iterator[Finding]:
    for place, value, content in _known(inputs, path):
        if isinstance(content, str) and not re.fullmatch(pattern, content):
            yield _off_pattern(place, value, content, pattern)


def _off_pattern(path: Path, value: object, content: str, pattern: str) -> Finding:
    return Finding(path=path, message=f"{dotted(path)} {shown(value)} is not of the form {pattern}", value=content)


def _required(path: str, inputs: Mapping[str, object]) -> Iterator[Finding]:
    above, _, name = path.rpartition(".")
    for place, value in _holders(inputs, above):
        if name not in value:
            yield Finding(path=place, message=f"{dotted((*place, name))} is missing, and the cloud requires it")


def _counted(group: frozenset[str], inputs: Mapping[str, object], *, exactly: bool) -> Iterator[Finding]:
    """How many of a group are there, in each place that could hold them."""
    above = _common(group)
    names = sorted(path.removeprefix(f"{above}.") if above else path for path in group)
    for place, value in _holders(inputs, above):
        there = [name for name in names if next(values_at(value, name), None) is not None]
        listed = ", ".join(dotted((*place, name)) for name in (there or names))
        if len(there) > 1:
            yield Finding(path=(*place, there[1]), message=f"{listed} exclude each other")
        elif exactly and not there:
            yield Finding(path=place, message=f"one of {listed} is missing, and the cloud requires it")


def _holders(inputs: Mapping[str, object], path: str) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """Every mapping at a path, also those in a list there."""
    for place, value in values_at(inputs, path):
        content = opened(value)
        if isinstance(content, Mapping):
            yield place, cast("Mapping[str, object]", content)
        elif isinstance(content, list):
            for position, entry in enumerate(cast("list[object]", content)):
                if isinstance(opened(entry), Mapping):
                    yield (*place, position), cast("Mapping[str, object]", opened(entry))


def _common(group: frozenset[str]) -> str:
    """The path of what holds all of them."""
    split = [path.split(".")[:-1] for path in group]
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


def _range(path: str, least: float, most: float, inputs: Mapping[str, object]) -> Iterator[Finding]:
    for place, value, content in _known(inputs, path):
        if isinstance(content, int | float) and not least <= content <= most:
            yield Finding(
                path=place,
                message=f"{dotted(place)} is {shown(value)}; the cloud takes {least:g} to {most:g}",
                value=content,
            )


def _choice(path: str, choices: frozenset[str], inputs: Mapping[str, object]) -> Iterator[Finding]:
    for place, value, content in _known(inputs, path):
        if str(content) not in choices:
            yield Finding(
                path=place,
                message=f"{dotted(place)} is {shown(value)}, which the cloud does not know",
                hint=did_you_mean(str(content), choices),
                value=content,
            )


def _circle(unique: Uniqueness, name: str, one: PlannedResource) -> tuple[object, ...]:
    """What two resources must have in common for their names to collide."""
    inputs = one.properties
    region = str(plain(inputs.get("location") or inputs.get("region") or ""))
    if unique == "global":
        return ()
    if unique == "region":
        return (region,)
    if unique == "account":
        return (str(plain(inputs.get("project", ""))),)
    if unique == "group":
        return (str(plain(inputs.get("resourceGroupName", inputs.get("project", "")))), _stack_of_unknown(one))
    return tuple((key, str(plain(value))) for key, value in sorted(inputs.items()) if _identifies(key, value, name))


def _stack_of_unknown(one: PlannedResource) -> str:
    """Two groups whose names are unknown count as one only within a stack."""
    return _stack(one) if isinstance(one.properties.get("resourceGroupName"), Unknown) else ""


def _identifies(key: str, value: object, name: str) -> bool:
    """Whether a property may say in what a resource stands; what is no plain text does not."""
    return key != name and key not in ("displayName", "description") and isinstance(plain(value), str | Unknown)


def _stack(one: PlannedResource) -> str:
    return one.urn.split("::")[0].rpartition(":")[2]
