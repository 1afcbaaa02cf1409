"""Labels at Google Cloud: the tags of a context in the form that Google takes."""

from __future__ import annotations

import re

from ..contract.context import Context

_LENGTH = 63


def labels(context: Context, **more: str) -> dict[str, str]:
    """The tags in lower case, with hyphens for what Google does not take; keys start with a letter."""
    return {_key(key): _plain(value) for key, value in {**context.tags, **more}.items()}


def _key(key: str) -> str:
    plain = _plain(key)
    return plain if plain[:1].isalpha() else f"tag-{plain}"[:_LENGTH]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:_LENGTH]
