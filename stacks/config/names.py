"""Names: which are allowed, and the rule that a bad one breaks."""

from __future__ import annotations

import re
import unicodedata

from ...modules.contract.context import SHARED
from .section import NAME_PATTERN, PORT_PATTERN, PROJECT_PATTERN, REFERENCE_PATTERN

_WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
_ENVIRONMENT_RESERVED = re.compile(r"latest|none|all|v[0-9]+")
_CLOUD_WORDS = {
    "goog": "Google Cloud Storage forbids names that start with 'goog'",
    "google": "Google Cloud Storage forbids names with 'google' in them",
    "microsoft": "Azure forbids names with 'microsoft' in them",
    "windows": "Azure forbids names with 'windows' in them",
}

RULES: dict[str, str] = {
    PROJECT_PATTERN: "lower-case letters, digits and single hyphens, starting with a letter, not ending with a hyphen",
    NAME_PATTERN: "lower-case letters, digits, single hyphens or underscores, starting with a letter",
    PORT_PATTERN: "lower-case letters, digits and single underscores, starting with a letter",
    REFERENCE_PATTERN: "'step.output' or 'data.source'",
}
"""What each pattern of section.py asks for, in words."""


def problem_with_project_name(name: str) -> str | None:
    """The rule that a project's name breaks, as a sentence without its full stop, or None."""
    shown = visible(name)
    if not 2 <= len(name) <= 32:
        return f"the project name {shown} has {len(name)} character{'' if len(name) == 1 else 's'}; 2 to 32 are allowed"
    if not re.fullmatch(PROJECT_PATTERN, name):
        return f"the project name {shown} is not allowed: {RULES[PROJECT_PATTERN]}"
    return reserved(name) or _cloud_word(name)


def suggested_project_name(name: str) -> str | None:
    """An allowed name close to a bad one, or None."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    suggestion = "-".join(words).lstrip("0123456789-")[:32].rstrip("-")
    return suggestion if suggestion != name and problem_with_project_name(suggestion) is None else None


def reserved(name: str) -> str | None:
    """Why a name cannot become a file's name everywhere, or None."""
    if _WINDOWS.fullmatch(name):
        return f"{name!r} is reserved: Windows cannot make a file of that name"
    return None


def problem_with_environment_name(name: str) -> str | None:
    """The rule that an environment's name breaks, or None."""
    if len(name) > 40 or not re.fullmatch(NAME_PATTERN, name):
        return f"the environment name {visible(name)} is not allowed: {RULES[NAME_PATTERN]}; at most 40 characters"
    if _ENVIRONMENT_RESERVED.fullmatch(name):
        return f"the environment name {name!r} is reserved: model registries give it a meaning of their own"
    if name == SHARED:
        return f"the environment name {name!r} is reserved: it is the stack that holds what all environments share"
    return reserved(name)


def visible(text: str) -> str:
    """A text in quotes, shortened, with everything that is not plainly visible escaped."""
    short = text if len(text) <= 60 else f"{text[:57]}..."
    return ascii(short) if not short.isprintable() else f"{short!r}"


def _cloud_word(name: str) -> str | None:
    for word, reason in _CLOUD_WORDS.items():
        if name.startswith(word) if word == "goog" else word in name:
            return f"the project name {name!r} is not allowed: {reason}"
    return None
