"""A plan as one SVG picture: the components of each stack in columns, left of what builds upon them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....modules.contract.planned import PlannedResource
from ....modules.contract.rules import TypeRules
from ....stacks.planning.plan import Plan
from ..shown import shown
from .outline import Group, StackOutline, counted, direct, labeller, outline, own_name, short_type
from .text import summary

WIDTH = 330
"""Of a component's box, in pixels."""

MAX_LISTED = 14
LINE = 17
_ROW = 41
"""Characters of a resource's name and type together, so that they do not meet in fonts that run wide."""

_GAP_X, _GAP_Y, _MARGIN = 90, 22, 24
_HEAD, _FOOT, _TITLE = 40, 10, 44


@dataclass(frozen=True, kw_only=True)
class Line:
    """One resource in a box: what it is called, its type, more in a hint, whether it is protected."""

    text: str
    type: str
    hint: str = ""
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class Box:
    """A component on the picture; coordinates are of its upper left corner."""

    name: str
    note: str
    x: int
    y: int
    height: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A stack on the picture: its boxes, and the curves between them as SVG paths."""

    title: str
    y: int
    boxes: tuple[Box, ...]
    curves: tuple[str, ...]


def render(plans: Sequence[Plan], rules: Mapping[str, TypeRules]) -> str:
    """The picture; the same plans give the same bytes. Every name in it is escaped and cut to fit."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pictures: list[Picture] = []
    top, right = _MARGIN + _TITLE, 0
    for plan in plans:
        picture, bottom, edge = _picture(outline(plan), rules, top)
        pictures.append(picture)
        top, right = bottom + _MARGIN, max(right, edge)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("plan.svg").render(
        title=shown(summary(plans), 200), pictures=pictures, width=max(right, 600), height=top,
        box_width=WIDTH, line=LINE, head=_HEAD, margin=_MARGIN,
    )  # fmt: skip


def _picture(stack: StackOutline, rules: Mapping[str, TypeRules], top: int) -> tuple[Picture, int, int]:
    """The stack below ``top``, and where it ends below and at the right."""
    boxes: dict[str, Box] = {}
    bottom = top + _TITLE
    columns = _columns(stack.groups)
    for number, column in enumerate(columns):
        y = top + _TITLE
        for group in column:
            box = _box(group, rules, _MARGIN + number * (WIDTH + _GAP_X), y)
            boxes[group.name] = box
            y += box.height + _GAP_Y
        bottom = max(bottom, y)
    curves = [
        _curve(boxes[other], boxes[name])
        for name, needed in direct(stack.groups).items()
        for other in needed
        if other in boxes and boxes[other].x < boxes[name].x
    ]
    title = f"stack {shown(stack.plan.stack)}: {counted(stack.count)}"
    picture = Picture(title=title, y=top + 26, boxes=tuple(boxes.values()), curves=tuple(curves))
    return picture, bottom, _MARGIN * 2 + len(columns) * (WIDTH + _GAP_X) - _GAP_X


def _columns(groups: Sequence[Group]) -> list[list[Group]]:
    """Each group right of all that it builds upon and that stands before it."""
    depth: dict[str, int] = {}
    for group in groups:
        depth[group.name] = 1 + max((depth[other] for other in group.requires if other in depth), default=-1)
    columns: list[list[Group]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for group in groups:
        columns[depth[group.name]].append(group)
    return columns


def _box(group: Group, rules: Mapping[str, TypeRules], x: int, y: int) -> Box:
    label = labeller(rules)
    listed = group.resources[:MAX_LISTED]
    lines = [_line(one, own_name(one, group), label(one)) for one in listed]
    if len(group.resources) > MAX_LISTED:
        lines.append(Line(text=f"and {len(group.resources) - MAX_LISTED} more", type=""))
    return Box(
        name=shown(group.name or "the stack itself", 34),
        note=f"{len(group.resources)}",
        x=x,
        y=y,
        height=_HEAD + LINE * len(lines) + _FOOT,
        lines=tuple(lines),
    )


def _line(one: PlannedResource, own: str, label: str) -> Line:
    kind = shown(short_type(one.type).rpartition(".")[2], 22)
    return Line(
        text=shown(own, _ROW - len(kind)) + (" *" if one.protect else ""),
        type=kind,
        hint=shown(f"{one.name} {label}".strip(), 200),
        protected=one.protect,
    )


def _curve(start: Box, end: Box) -> str:
    """From the right side of one box to the left side of another."""
    x1, y1 = start.x + WIDTH, start.y + _HEAD // 2
    x2, y2 = end.x, end.y + _HEAD // 2
    bend = max(40, (x2 - x1) // 2)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
