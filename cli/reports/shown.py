"""Text from foreign data made fit to be shown: nothing invisible, nothing that turns the line around, bounded."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str, limit: int = 60) -> str:
    """At most ``limit`` characters of the text; control and direction characters appear as ``\\u202e``."""
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(_escaped(char) if unicodedata.category(char) in _HIDDEN else char for char in cut)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
