"""Values as the engine and people write them, made values as rules see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from sys import intern
from typing import cast

from ..values import SECRET, Unknown

DEEPEST = 100
"""How many levels a property may nest: far more than any cloud takes, far less than would exhaust the stack."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks a special value in the engine's JSON."""

_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 the engine's mark of a secret, no secret
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_BLINDED = "[secret]"
"""What a preview shows in the place of a secret, however it was made."""

_UNKNOWN = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""The engine's signs for a value that is not known yet: text, boolean, number, list, asset, archive, object."""

_REFERENCE = re.compile(r"\$\{([^.}\s]+)[^}]*\}")

Resolver = Callable[[str], str]
"""The URN of a resource that a reference names."""


class TooDeepError(ValueError):
    """A value nests deeper than ``DEEPEST``."""


def is_unknown(value: object) -> bool:
    """Whether a text is one of the engine's signs for a value that is not known yet."""
    return value in _UNKNOWN


def converted(
    value: object, *, of: tuple[str, ...] = (), urn_of: Resolver | None = None, levels: int = DEEPEST
) -> object:
    """A value with the engine's signs made Unknown and SECRET; ``of`` are the URNs that an unknown one depends on.

    With ``urn_of``, ``${NAME.id}`` in a text is an unknown value that the resource NAME determines. A key whose value
    is null is left out. Raises TooDeepError for more than ``levels`` levels.
    """
    if isinstance(value, str):
        return _text(value, of, urn_of)
    if not levels:
        raise TooDeepError
    if isinstance(value, Mapping):
        return _mapping(cast("Mapping[str, object]", value), of, urn_of, levels - 1)
    if isinstance(value, Sequence):
        return [converted(one, of=of, urn_of=urn_of, levels=levels - 1) for one in cast("Sequence[object]", value)]
    return value


def _text(value: str, of: tuple[str, ...], urn_of: Resolver | None) -> object:
    if value in _UNKNOWN:
        return Unknown(of=of)
    if value == _BLINDED:
        return SECRET
    named = _REFERENCE.findall(value) if urn_of and "${" in value else ()
    return Unknown(of=tuple(sorted({urn_of(name) for name in named}))) if urn_of and named else value


def _mapping(value: Mapping[str, object], of: tuple[str, ...], urn_of: Resolver | None, levels: int) -> object:
    signature = value.get(SIGNATURE)
    if signature == _SECRET:
        return SECRET
    if signature == _RESOURCE:
        return _reference(value)
    return {
        intern(str(key)): converted(one, of=of, urn_of=urn_of, levels=levels)
        for key, one in value.items()
        if one is not None
    }


def _reference(value: Mapping[str, object]) -> object:
    """A resource that is given as a value: its id, or what it will determine."""
    id = value.get("id")
    return id if isinstance(id, str) and id and id not in _UNKNOWN else Unknown(of=(str(value.get("urn", "")),))
