"""Problems of a config with their places: excerpts that hide secrets, and pydantic's complaints in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...core.errors import Problem
from ...core.suggestions import closest
from . import secrets, wording
from .names import visible
from .tree import Node, Path, Source, Span, child, dotted, place

_EXCERPT_WIDTH = 110
_LONGEST_LINE = 2000


class Place:
    """Where a problem stands, kept apart so that problems can be put in the order of the file."""

    __slots__ = ("problem", "span")

    def __init__(self, span: Span, problem: Problem) -> None:
        self.span = span
        self.problem = problem


def excerpt(source: Source, span: Span, *, hidden: bool = False) -> str:
    """The line of a place and a caret below it, secrets hidden; nothing for flags and for endless lines."""
    lines = source.text.splitlines()
    if source.kind == "flag" or span.line >= len(lines):
        return ""
    line = _on_screen(lines[span.line].replace("\t", " "))
    if len(line) > _LONGEST_LINE:
        return ""
    ends_here = span.end_line == span.line
    if hidden:
        line = line[: span.column] + secrets.MASK + (line[span.end_column :] if ends_here else "")
    shown = secrets.masked_line(line)
    start = max(0, span.column - _EXCERPT_WIDTH // 2) if len(shown) > _EXCERPT_WIDTH else 0
    width = len(secrets.MASK) if hidden else (span.end_column - span.column if ends_here else 1)
    width = max(1, min(width, len(shown) - span.column, _EXCERPT_WIDTH // 2))
    number = str(span.line + 1)
    caret = " " * (len(number) + 3 + span.column - start) + "^" * width
    return f"{number} | {shown[start : start + _EXCERPT_WIDTH]}\n{caret}"


def _on_screen(line: str) -> str:
    """The line with everything that is not plainly visible replaced, one character by one."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def syntax_problem(source: Source, span: Span, text: str, *, hint: str | None = None) -> Problem:
    """A problem of the text itself; without a hint, ``text`` is the YAML parser's and is put into plain words."""
    message, way_out = (text, hint) if hint is not None else wording.of_parser(text)
    return Problem(message=message, where=place(source, span), hint=way_out, excerpt=excerpt(source, span))


def problem_at(
    root: Node, path: Path, message: str, *, hint: str = "", at_key: bool = False, hidden: bool = False
) -> Place:
    """A problem at a path of the tree, or at the nearest thing above it that somebody wrote."""
    node, key = nearest(root, path)
    message = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in secrets.masked(message))
    span = (key or node.span) if at_key or node.source is None else node.span
    if node.source is None:
        return Place(Span(), Problem(message=message, where=root.where, hint=hint))
    return Place(
        span,
        Problem(
            message=message,
            where=place(node.source, span),
            hint=hint,
            excerpt=excerpt(node.source, span, hidden=hidden),
        ),
    )


def nearest(root: Node, path: Path) -> tuple[Node, Span | None]:
    """The node at a path, or the last one above it that has a place; and the place of its key."""
    node, found = root, root
    for part in path:
        below = child(node, part)
        if below is None:
            break
        node = below
        if node.source is not None:
            found = node
    return found, found.key


def in_order(places: Iterable[Place]) -> list[Problem]:
    """The problems by line, each once; what flags brought comes first."""
    ordered = sorted(places, key=lambda one: (one.span.line, one.span.column))
    return list({(one.problem.message, one.problem.where): one.problem for one in ordered}.values())


def of_validation(root: Node, errors: Iterable[Any]) -> list[Place]:
    """Pydantic's complaints about the tree's plain value, in plain words; those of one union are put together."""
    grouped: dict[tuple[Path, bool], list[Any]] = {}
    for error in errors:
        path, about_key = tree_path(root, error)
        grouped.setdefault((path, about_key), []).append(error)
    for key, group in list(grouped.items()):
        if len(grouped) > 1 and (_is_consequence(root, key[0]) or _is_misspelt(group[0], grouped)):
            del grouped[key]
    return [_validation_problem(root, path, about_key, group) for (path, about_key), group in grouped.items()]


def _is_consequence(root: Node, path: Path) -> bool:
    """Whether nobody wrote this value: a default that was made from a value that is wrong itself."""
    node = root.at(path)
    return node is not None and node.source is None


def _is_misspelt(error: Any, grouped: Mapping[tuple[Path, bool], list[Any]]) -> bool:
    """Whether a key that is missing stands there under a name that is nearly its own."""
    if error["type"] != "missing":
        return False
    unknown = [one for group in grouped.values() for one in group if one["type"] == "extra_forbidden"]
    beside = [str(one["loc"][-1]) for one in unknown if one["loc"][:-1] == error["loc"][:-1]]
    return any(closest(name, [str(error["loc"][-1])]) for name in beside)


def tree_path(root: Node, error: Any) -> tuple[Path, bool]:
    """Where in the tree an error is: pydantic's own location without the parts that only it knows."""
    parts: tuple[str | int, ...] = error["loc"]
    about_key = bool(parts) and parts[-1] == "[key]"
    node = root
    path: list[str | int] = []
    for part in parts:
        below = child(node, part)
        if below is not None:
            path.append(part)
            node = below
    if error["type"] == "missing":
        path.append(parts[-1])
    return tuple(path), about_key


def _validation_problem(root: Node, path: Path, about_key: bool, errors: list[Any]) -> Place:
    error = errors[0]
    name = dotted(path)
    if error["type"] == "extra_forbidden":
        return _unknown_key(root, path)
    if error["type"] == "missing":
        return problem_at(root, path[:-1], f"{name} is missing", hint=wording.how_to_add(path), at_key=True)
    if about_key:
        return _bad_key(root, path, error)
    if error["type"] == "value_error":
        return problem_at(root, path, f"{name}: {error['ctx']['error']}", at_key=True)
    node = root.at(path)
    value = node.content if node is not None else error["input"]
    expected = list(dict.fromkeys(wording.expected(one) for one in errors))
    hints = [hint for one in errors if (hint := wording.hint(one, value))]
    return problem_at(
        root,
        path,
        f"{name}: expected {' or '.join(expected)}; got {shown(value, path)}",
        hint=hints[0] if hints else "",
    )


def _unknown_key(root: Node, path: Path) -> Place:
    name = str(path[-1]) if path else ""
    where = f" in {dotted(path[:-1])}" if len(path) > 1 else ""
    node = root.at(path)
    of_environment = len(path) == 1 and node is not None and node.kind == "environment"
    hint = suggestion(name, wording.known_keys(("environments", "", *path) if of_environment else path))
    return problem_at(root, path, f"there is no key {visible(secrets.masked(name))}{where}", hint=hint, at_key=True)


def _bad_key(root: Node, path: Path, error: Any) -> Place:
    name = str(path[-1]) if path else ""
    known = wording.choices(error)
    rule = wording.expected(error)
    hint = suggestion(name, known) if known else ""
    message = f"the name {visible(secrets.masked(name))} in {dotted(path[:-1])} is not allowed: expected {rule}"
    return problem_at(root, path, message, hint=hint, at_key=True)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Did you mean; else what is known."""
    names = list(known)
    match = closest(name, names)
    if match is not None:
        return f"Did you mean '{match}'?"
    return f"Known: {', '.join(names)}." if names else ""


def shown(value: object, path: Path) -> str:
    """A value in a message: short, in the config's words, and never a secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        key = str(next((part for part in reversed(path) if isinstance(part, str)), ""))
        if secrets.what_it_looks_like(key, value):
            return f"text ({secrets.MASK})"
        return f"the text {visible(value)}"
    return scalar_text(value)


def scalar_text(value: object) -> str:
    """A plain value as YAML writes it."""
    if value is None:
        return "nothing (null)"
    return str(value).lower() if isinstance(value, bool) else str(value)
