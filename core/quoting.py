"""Text as a literal that several languages read alike."""

from __future__ import annotations


def quoted(text: str) -> str:
    """The text in double quotes; Python, YAML and TOML read the same text back from it."""
    return f'"{"".join(_escaped(character) for character in text)}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
