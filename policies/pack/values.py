"""Properties as the engine sends them, made properties as rules see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..inputs.values import converted


def properties(sent: Mapping[str, object], causes: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """The properties that are there; ``causes`` are, by property, the URNs that an unknown value depends on.

    A secret is SECRET, whatever it holds. Raises TooDeepError.
    """
    return {
        key: converted(whole(value), of=tuple(causes.get(key, ())))
        for key, value in sent.items()
        if value is not None
    }  # fmt: skip


def whole(value: object) -> object:
    """The value with whole numbers as integers: the engine sends every number as one with a fraction."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: whole(one) for key, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [whole(one) for one in cast("Sequence[object]", value)]
    return value


def with_changes(sent: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """What was sent, with other values at these paths; everything else stays as it is, secrets too."""
    made = dict(sent)
    for path, value in changes.items():
        _put(made, path.split("."), value)
    return made


def _put(value: dict[str, object], steps: Sequence[str], leaf: object) -> None:
    first, rest = steps[0], steps[1:]
    if not rest:
        value[first] = leaf
        return
    found = value.get(first)
    inner = dict(cast("Mapping[str, object]", found)) if isinstance(found, Mapping) else {}
    value[first] = inner
    _put(inner, rest, leaf)
