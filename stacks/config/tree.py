"""The config as a tree of values that know where they were written, and how one layer of it overrides another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from .resolved import OriginKind

Scalar = str | int | float | bool | None
Content = Scalar | list["Node"] | dict[str, "Node"]
Path = tuple[str | int, ...]
"""Keys and list positions from the top, such as ``("evaluation", "slices", 0, "column")``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of a text, counted from 0; ``index`` counts characters from the start."""

    line: int = 0
    column: int = 0
    index: int = 0
    end_line: int = 0
    end_column: int = 0
    end_index: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a layer was read from: its name in messages and its text."""

    name: str
    text: str
    kind: OriginKind = "file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A value, and its place and its key's place when a person wrote it; ``size`` counts it and all below."""

    content: Content
    kind: OriginKind
    source: Source | None = None
    span: Span = field(default_factory=Span)
    key: Span | None = None
    flow: bool = False
    style: str = ""
    size: int = 1

    @property
    def where(self) -> str:
        """``file:line:column`` of the value, the flag's name, or nothing."""
        return "" if self.source is None else place(self.source, self.span)

    @property
    def children(self) -> Mapping[str, Node]:
        """The entries of a mapping; nothing for everything else."""
        return self.content if isinstance(self.content, dict) else {}

    def at(self, path: Path) -> Node | None:
        """The node at this path, or None."""
        node: Node | None = self
        for part in path:
            if node is None:
                return None
            node = child(node, part)
        return node

    def plain(self) -> object:
        """The value without its places."""
        if isinstance(self.content, dict):
            return {name: node.plain() for name, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.plain() for node in self.content]
        return self.content

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """This node and all below it, with their paths."""
        yield path, self
        if isinstance(self.content, dict):
            for name, node in self.content.items():
                yield from node.walk((*path, name))
        elif isinstance(self.content, list):
            for position, node in enumerate(self.content):
                yield from node.walk((*path, position))


def place(source: Source, span: Span) -> str:
    """``file:line:column`` as people count; a flag has no lines."""
    return source.name if source.kind == "flag" else f"{source.name}:{span.line + 1}:{span.column + 1}"


def child(node: Node, part: str | int) -> Node | None:
    """The entry of a mapping or a list, or None."""
    content = node.content
    if isinstance(content, dict):
        return content.get(str(part))
    if isinstance(content, list) and isinstance(part, int) and part < len(content):
        return content[part]
    return None


def made(value: object, kind: OriginKind) -> Node:
    """A tree that nobody wrote: defaults and what maturity adds."""
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return Node(content={name: made(entry, kind) for name, entry in entries.items()}, kind=kind)
    if isinstance(value, list):
        return Node(content=[made(entry, kind) for entry in cast("list[object]", value)], kind=kind)
    return Node(content=cast("Scalar", value), kind=kind)


def overlaid(below: Node | None, above: Node) -> Node:
    """``above`` over ``below``: mappings merge deeply, everything else replaces."""
    if below is None or not isinstance(below.content, dict) or not isinstance(above.content, dict):
        return above
    content = dict(below.content)
    for name, node in above.content.items():
        content[name] = overlaid(content.get(name), node)
    return replace(above if below.source is None else below, content=content)


def of_kind(node: Node, kind: OriginKind) -> Node:
    """The same tree, told to come from another layer."""
    content = node.content
    if isinstance(content, dict):
        content = {name: of_kind(entry, kind) for name, entry in content.items()}
    elif isinstance(content, list):
        content = [of_kind(entry, kind) for entry in content]
    return replace(node, content=content, kind=kind)


def without(node: Node, path: Path) -> Node:
    """The tree without the value at this path; the same tree where there is none."""
    first, content = path[0], node.content
    below = child(node, first)
    if below is None:
        return node
    kept = [without(below, path[1:])] if len(path) > 1 else []
    if isinstance(content, dict):
        entries = {name: entry for name, entry in content.items() if name != str(first)}
        return replace(node, content={**entries, **{str(first): one for one in kept}})
    assert isinstance(content, list) and isinstance(first, int)  # noqa: S101, PT018 else it has no child
    return replace(node, content=[*content[:first], *kept, *content[first + 1 :]])


def dotted(path: Path) -> str:
    """The path as people write it: ``evaluation.slices.0.column``."""
    return ".".join(str(part) for part in path)
