"""Changes one value of a config in its text, so that comments, quotes, order and line ends stay as they are."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from ...core.errors import ConfigError, GroundplanError
from ...core.files import write_bytes
from .finding import name_of
from .loading import load_text, text_of
from .reading import check_text
from .tree import Node, Source

_PLAIN = re.compile(r"(?!(?i:y|n|yes|no|on|off)$)[A-Za-z_][A-Za-z0-9_./@+-]*( [A-Za-z0-9_./@+-]+)*|[0-9]+[smhd]")
_INDENTATION = 2


@dataclass(frozen=True, kw_only=True)
class Change:
    """A config's text before and after."""

    before: str
    after: str


def set_value(path: Path, key: str, value: str, *, write: bool = True) -> Change:
    """Set the value at a dotted key to a YAML text; the file is written at once, and only if the result is good.

    Raises ConfigError when the result would be wrong or when the place cannot be edited without touching more.
    """
    name = name_of(path)
    before = text_of(path, name)
    new = load_text(Source(name=f"the value of {key}", text=value, kind="flag")).plain()
    tree = load_text(Source(name=name, text=before))
    after = edited(before, tree, key.split("."), new)
    changed = load_text(Source(name=name, text=after))
    if changed.plain() != _with(tree.plain(), key.split("."), new):
        raise _by_hand(key, tree)
    check_text(path, changed)
    if write and after != before:
        mark = codecs.BOM_UTF8 if path.read_bytes().startswith(codecs.BOM_UTF8) else b""
        # a link to the config stays one
        write_bytes(path.resolve(), mark + after.encode())
    return Change(before=before, after=after)


def edited(text: str, tree: Node, key: list[str], value: object) -> str:
    """The text with this value at this key; nothing else of it changes."""
    node = tree
    for position, part in enumerate(key):
        if part not in node.children:
            return _with_new(text, tree, node, key, position, value)
        node = node.children[part]
    return _with_replaced(text, node, value, key)


def literal(value: object, *, like: str = "") -> str:
    """A value as YAML on one line; text keeps the quotes of the text that it replaces."""
    if isinstance(value, str):
        if like == "'" and value.isprintable():
            return "'" + value.replace("'", "''") + "'"
        if not like and _PLAIN.fullmatch(value) and load_text(Source(name="", text=value)).content == value:
            return value
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value).items()
        return "{" + ", ".join(f"{literal(name)}: {literal(entry)}" for name, entry in entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(entry) for entry in cast("list[object]", value)) + "]"
    return json.dumps(value)


def _with_replaced(text: str, node: Node, value: object, key: list[str]) -> str:
    if node.style in {"|", ">"} or (isinstance(node.content, dict | list) and not node.flow):
        raise _by_hand(".".join(key), node)
    if node.span.index == node.span.end_index:
        assert node.key is not None  # noqa: S101 only a mapping's value can be empty
        colon = text.index(":", node.key.end_index) + 1
        return f"{text[:colon]} {literal(value)}{text[colon:]}"
    return text[: node.span.index] + literal(value, like=node.style) + text[node.span.end_index :]


def _with_new(text: str, tree: Node, parent: Node, key: list[str], position: int, value: object) -> str:
    rest = key[position:]
    for part in reversed(rest[1:]):
        nested: dict[str, object] = {part: value}
        value = nested
    if isinstance(parent.content, dict) and parent.flow:
        entry = f"{literal(rest[0])}: {literal(value)}"
        end = parent.span.end_index - 1
        return text[:end].rstrip() + (", " if parent.content else "") + entry + text[end:]
    if isinstance(parent.content, dict) and parent.content:
        return _below(text, parent, rest[0], value)
    if parent.content is None and position > 0:
        return _with_replaced(text, replace(parent, style=""), {rest[0]: value}, key[:position])
    raise _by_hand(".".join(key), tree)


def _below(text: str, parent: Node, name: str, value: object) -> str:
    """The text with a new last entry in a mapping that stands in lines of its own."""
    first = next(iter(parent.children.values()))
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    after = _last_line(parent) + 1
    if lines[after - 1] == lines[after - 1].rstrip("\r\n"):
        lines[after - 1] += end
    column = first.key.column if first.key is not None else 0
    lines[after:after] = [f"{line}{end}" for line in _entry(name, value, column)]
    return "".join(lines)


def _entry(name: str, value: object, column: int) -> list[str]:
    entries = list(_mapping(value).items())
    if len(entries) == 1:
        return [f"{' ' * column}{literal(name)}:", *_entry(*entries[0], column + _INDENTATION)]
    return [f"{' ' * column}{literal(name)}: {literal(value)}"]


def _last_line(node: Node) -> int:
    """The last line that a node's own text reaches, comments after it left aside."""
    below = list(node.children.values()) if isinstance(node.content, dict) else node.content
    if isinstance(below, list) and below and not node.flow:
        return _last_line(below[-1])
    if node.span.index == node.span.end_index and node.key is not None:
        return node.key.end_line
    ends_before = node.span.end_column == 0 and node.span.end_line > node.span.line
    return node.span.end_line - ends_before


def _with(plain: object, key: list[str], value: object) -> object:
    if not key:
        return value
    below = _mapping(plain)
    return {**below, key[0]: _with(below.get(key[0]), key[1:], value)}


def _mapping(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _by_hand(key: str, node: Node) -> GroundplanError:
    return ConfigError(
        f"{key} cannot be changed without touching what stands around it", where=node.where,
        hint="Change it in an editor, then: groundplan config validate",
    )  # fmt: skip
