"""Which environment a resource says it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

_PLACES = ("tags", "labels", "userLabels", "resourceLabels")
_KEYS = ("environment", "env")


def environment_of(properties: Mapping[str, object], otherwise: str) -> str:
    """The environment that its tags or labels name, else ``otherwise``."""
    for place in _PLACES:
        tags = properties.get(place)
        if isinstance(tags, Mapping):
            found = cast("Mapping[str, object]", tags)
            for key, value in found.items():
                if key.lower() in _KEYS and isinstance(value, str) and value:
                    return value
    return otherwise
