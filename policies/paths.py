"""Property paths: ``properties.scaleSettings.minNodeCount``, ``connections[].groupIds[]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import cast

from .values import ABSENT, Secret, Unknown

_MAPPING, _SEQUENCE = (dict, Mapping), (list, Sequence)
"""The plain class comes first: asking an abstract one takes far longer, and every rule asks."""


@cache
def parts(path: str) -> tuple[str, ...]:
    """The steps of a path; ``[]`` stands for every element of a list.

    A key that holds a dot is written in quotes: ``labels."app.kubernetes.io/name"``.
    """
    found: list[str] = []
    for index, chunk in enumerate(path.split('"')):
        if index % 2:
            found.append(chunk)
            continue
        for step in chunk.split("."):
            name, *lists = step.split("[]")
            found += [name] if name else []
            found += ["[]"] * len(lists)
    return tuple(found)


def get(value: object, path: str) -> object:
    """The value at a path without ``[]``; ABSENT where a step is missing or null.

    What lies below an unknown or a secret value is that value.
    """
    for step in parts(path):
        if isinstance(value, _MAPPING):
            value = cast("Mapping[str, object]", value).get(step, ABSENT)
        elif isinstance(value, (Unknown, Secret)):
            return value
        else:
            return ABSENT
        if value is None:
            return ABSENT
    return value


def each(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Every value at a path that may hold ``[]``, with its place such as ``rules[2].port``.

    A list that is absent gives nothing; one that is unknown gives itself.
    """
    yield from _each(value, parts(path), "")


def _each(value: object, steps: tuple[str, ...], place: str) -> Iterator[tuple[str, object]]:
    if not steps:
        yield place, (ABSENT if value is None else value)
        return
    if isinstance(value, (Unknown, Secret)):
        yield place, value
        return
    step, rest = steps[0], steps[1:]
    if step == "[]":
        if isinstance(value, _SEQUENCE) and not isinstance(value, str):
            for index, one in enumerate(cast("Sequence[object]", value)):
                yield from _each(one, rest, f"{place}[{index}]")
    elif isinstance(value, _MAPPING):
        inner = cast("Mapping[str, object]", value).get(step)
        if inner is not None:
            yield from _each(inner, rest, f"{place}.{step}" if place else step)
        elif "[]" not in rest:
            yield (f"{place}.{step}" if place else step), ABSENT
    elif "[]" not in rest:
        yield (f"{place}.{step}" if place else step), ABSENT


def leaves(value: object) -> Iterator[object]:
    """Every value that is no mapping and no list, in their order."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, _MAPPING):
            stack.extend(cast("Mapping[str, object]", one).values())
        elif isinstance(one, _SEQUENCE) and not isinstance(one, str):
            stack.extend(cast("Sequence[object]", one))
        else:
            yield one
