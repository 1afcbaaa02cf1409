"""What a complaint of pydantic or of the YAML parser means, in words for people: one table for each."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from ...core.suggestions import closest
from .names import RULES
from .section import DURATION_PATTERN
from .tree import Path

_EXPECTED: dict[str, str] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
    "none_required": "nothing",
}
"""By pydantic's error type; those with limits are put together in ``expected``."""

_LIMITS: dict[str, tuple[str, str]] = {
    "greater_than": ("more than {}", "gt"),
    "greater_than_equal": ("at least {}", "ge"),
    "less_than": ("less than {}", "lt"),
    "less_than_equal": ("at most {}", "le"),
    "string_too_short": ("text of at least {} characters", "min_length"),
    "string_too_long": ("text of at most {} characters", "max_length"),
    "too_short": ("at least {} entries", "min_length"),
    "too_long": ("at most {} entries", "max_length"),
}

_REGION_PATTERN = r"^[a-z][a-z0-9-]{2,30}$"

_PATTERNS: dict[str, str] = {
    **RULES,
    DURATION_PATTERN: "a whole number and a unit, such as 90s, 10m, 2h or 30d",
    r"^\S+( \S+){4}$": "five cron fields, such as '0 3 * * 1'",
    r"^sha256:[0-9a-f]{64}$": "a digest such as sha256: and 64 hexadecimal digits",
    r"^[A-Z]{3}$": "a currency code such as EUR",
    r"^\d{4}-\d{2}-\d{2}$": "a day such as '2027-01-31'",
    r"^\d{4}-\d{2}-01$": "the first day of a month, such as '2027-01-01'",
    r"^[0-9]{4,15}$": "a number of 4 to 15 digits in quotes",
    r"^[A-Za-z0-9][A-Za-z0-9 _.:/@+-]{0,127}$": "up to 128 letters, digits, spaces and _.:/@+-",
    r"^[a-z][a-z0-9_-]{0,62}$": "up to 63 lower-case letters, digits, hyphens and underscores, starting with a letter",
    r"^[0-9]{6,15}$": "a number of 6 to 15 digits in quotes",
    r"^[0-9A-F]{6}(-[0-9A-F]{6}){2}$": "a billing account such as 012345-6789AB-CDEF01",
    r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$": "a Google Cloud project id: 6 to 30 lower-case letters, digits and hyphens",
    r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$": "an address range such as 10.0.0.0/16",
    _REGION_PATTERN: "a region such as westeurope or europe-west4",
    r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$": "an id such as 01234567-89ab-cdef-0123-456789abcdef",
}

_PARSER: tuple[tuple[str, str, str], ...] = (
    ("'\\t'", "a tab stands where YAML allows only spaces", "Indent with spaces."),
    ("mapping values are not allowed here", "a ':' stands where no key can be",
     "Check the indentation, or quote a text that holds ': '."),
    ("could not find expected ':'", "a key without its ':'", "Write 'key: value'."),
    ("expected <block end>", "this line is indented differently from its neighbours",
     "Give the keys of one mapping the same indentation."),
    ("found unexpected end of stream", "a quote is not closed", "Close the quote."),
    ("expected ',' or", "a bracket is not closed, or a comma is missing", "Close the bracket."),
    ("but found '<stream end>'", "a bracket is not closed, or a comma is missing", "Close the bracket."),
    ("found undefined tag handle", "a tag is not allowed here", "Remove the '!'."),
    ("cannot start any token", "a character that cannot start a value here", "Quote the text."),
    ("found unknown escape character", "an unknown escape after '\\' in double quotes",
     "Use single quotes, or double the backslash."),
    ("undefined alias", "an alias names no anchor", "Put &name at the value that it repeats."),
)  # fmt: skip
"""By a part of the YAML parser's message: what is wrong, and what to do."""


def of_parser(text: str) -> tuple[str, str]:
    """The YAML parser's message in plain words, and the way out."""
    for part, message, hint in _PARSER:
        if part in text:
            return message, hint
    return f"this is not YAML: {text.partition(chr(10))[0]}", "Check quotes, brackets and indentation."


def expected(error: Any) -> str:
    """What pydantic expected, in words."""
    kind: str = error["type"]
    context: dict[str, Any] = error.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _LIMITS:
        text, limit = _LIMITS[kind]
        if context.get(limit) == 1 and kind == "string_too_short":
            return "text that is not empty"
        return text.format(_number(context[limit]))
    if kind in {"literal_error", "enum"}:
        return _one_of(choices(error))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], f"text of the form {context['pattern']}")
    return str(error["msg"])


def hint(error: Any, value: object) -> str:
    """What to write instead, when that can be told."""
    if tuple(error["loc"][-2:]) == ("budget", "amount") and error["type"] == "greater_than":
        return "Leave budget out to have none."
    if error.get("ctx", {}).get("pattern") == _REGION_PATTERN and isinstance(value, str):
        name = "".join(value.split()).lower()
        return f"Did you mean '{name}'?" if re.fullmatch(_REGION_PATTERN, name) else ""
    if error["type"] in {"literal_error", "enum"} and isinstance(value, str):
        match = closest(value, choices(error))
        return f"Did you mean '{match}'?" if match else ""
    if error["type"] == "bool_type" and isinstance(value, str):
        word = {"no": "false", "off": "false", "yes": "true", "on": "true"}.get(value.lower())
        return f"Write {word}." if word else ""
    if error["type"] in {"string_type", "literal_error"} and isinstance(value, int | float):
        return "Put it in quotes." if error["type"] == "string_type" else ""
    return ""


def choices(error: Any) -> list[str]:
    """The words that a closed choice allows."""
    text: str = error.get("ctx", {}).get("expected", "") if error["type"] in {"literal_error", "enum"} else ""
    return [word.strip().strip("'") for word in text.replace(" or ", ", ").split(",") if word.strip()]


def how_to_add(path: Path) -> str:
    """How a missing key is written."""
    examples = {"project": "project: churn", "platform": "platform: local"}
    return f"Add '{examples.get('.'.join(map(str, path)), f'{path[-1]}: …')}'."


def known_keys(path: Path) -> list[str]:
    """The keys that may stand beside the last one of this path."""
    from .config import SAME_EVERYWHERE, Config, EnvironmentSettings

    if path[:1] == ("environments",) and len(path) >= 3:
        if len(path) > 3:
            return _known(EnvironmentSettings, path[2:])
        return sorted({*Config.model_fields, *EnvironmentSettings.model_fields} - {*SAME_EVERYWHERE, "api_version"})
    return [*_known(Config, path), *(["environments"] if len(path) == 1 else [])]


def _known(model: type[BaseModel], path: Path) -> list[str]:
    annotations: list[Any] = [model]
    for part in path[:-1]:
        annotations = [below for one in annotations for below in _below(one, str(part))]
    models = [one for one in annotations if isinstance(one, type) and issubclass(one, BaseModel)]
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _below(annotation: Any, part: str) -> Iterable[Any]:
    """The types of what stands under a key of a value of this type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(part)
        return [] if field is None else _members(field.annotation)
    if get_origin(annotation) in {dict, list}:
        return _members(get_args(annotation)[-1])
    return []


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) in {Union, types.UnionType}:
        return [member for one in get_args(annotation) for member in _members(one)]
    if hasattr(annotation, "__metadata__"):
        return _members(annotation.__origin__)
    return [annotation]


def _one_of(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
