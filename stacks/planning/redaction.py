"""Takes the secrets out of a plan before anybody reads it: a digest stays that tells whether one changed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import quote

from ...modules.contract.planned import PlannedResource, Secret
from ..config import secrets
from .observing import Path
from .reading import Hidden, hidden_texts

SECRET = "[secret]"  # noqa: S105 what stands in its place
_SHORTEST = 6
"""Shorter secrets are not looked for in other text: they would be found by chance."""


def redacted(
    resources: Iterable[PlannedResource], outputs: Mapping[str, object]
) -> tuple[tuple[PlannedResource, ...], dict[str, object]]:
    """The same resources and outputs with ``Secret`` for every secret.

    Three nets: what the program marks as a secret; text that holds the value of such a one, plainly or encoded; text
    that looks like a credential.
    """
    found = tuple(resources)
    known = _pattern([*(one.properties for one in found), outputs])
    clean = tuple(
        replace(one, properties=_mapping(one.properties, one.urn, known)) if one.properties else one for one in found
    )
    return clean, _mapping(outputs, "outputs", known)


def hider(values: Iterable[str]) -> Callable[[str], str]:
    """What hides these values wherever they stand in a text, plainly or encoded."""
    known = _pattern([Hidden(value=one) for one in values])
    return lambda text: text if known is None else known.sub(SECRET, text)


def digest_of(value: object, *, salt: str) -> str:
    """A digest that takes long enough to compute that nobody finds a password by trying many."""
    text = json.dumps(value, sort_keys=True, default=repr).encode()
    return hashlib.scrypt(text, salt=salt.encode(), n=2**12, r=8, p=1, dklen=16).hex()


def _mapping(values: Mapping[str, object], owner: str, known: re.Pattern[str] | None) -> dict[str, object]:
    return {name: _clean(value, (name,), owner, known) for name, value in values.items()}


def _clean(value: object, path: Path, owner: str, known: re.Pattern[str] | None) -> object:
    if isinstance(value, Hidden):
        return _secret(value.value, path, owner)
    if isinstance(value, str):
        is_secret = (known is not None and known.search(value)) or secrets.what_it_looks_like(_key(path), value)
        return _secret(value, path, owner) if is_secret else value
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        return {name: _clean(entry, (*path, name), owner, known) for name, entry in entries.items()}
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_clean(entry, (*path, position), owner, known) for position, entry in enumerate(items)]
    return value


def _secret(value: object, path: Path, owner: str) -> Secret:
    return Secret(digest=digest_of(value, salt=f"{owner}:{'.'.join(map(str, path))}"))


def _key(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _pattern(values: Iterable[object]) -> re.Pattern[str] | None:
    """Finds the values of all secrets, as they are and as they are often written."""
    texts = {form for text in hidden_texts(list(values)) if len(text) >= _SHORTEST for form in _forms(text)}
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))) if texts else None


def _forms(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield quote(text, safe="")
    yield base64.b64encode(text.encode()).decode().rstrip("=")
