"""One thing about a planned resource that the cloud would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ..observing import Path
from ..reading import Hidden


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``message`` says what is wrong at ``path``, without the resource; ``value`` leads to its line in the config."""

    path: Path
    message: str
    hint: str = ""
    value: object = None


def dotted(path: Path) -> str:
    """The path in the provider's names: ``properties.scaleSettings.maxNodeCount``."""
    return ".".join(str(part) for part in path)


def shown(value: object) -> str:
    """A value in a message: short, and never a secret."""
    if isinstance(value, Hidden):
        return "a secret"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = value if len(value) <= 80 else f"{value[:79]}…"
        return repr(text)
    return str(value)


def opened(value: object) -> object:
    """The value itself; of a secret mapping or list, one whose entries are each a secret."""
    content = plain(value)
    if content is value:
        return value
    if isinstance(content, Mapping):
        return {name: Hidden(value=entry) for name, entry in cast("Mapping[str, object]", content).items()}
    if isinstance(content, list):
        return [Hidden(value=entry) for entry in cast("list[object]", content)]
    return content


def plain(value: object) -> object:
    """The value itself, also of a secret."""
    return value.value if isinstance(value, Hidden) else value
