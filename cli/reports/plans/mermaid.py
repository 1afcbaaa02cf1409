"""A plan as a Mermaid flow chart: components with their resources, or components alone where that would be too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ....modules.contract.rules import TypeRules
from ....stacks.planning.plan import Plan
from ..shown import shown
from .outline import StackOutline, counted, direct, labeller, outline, own_name, short_type

MAX_RESOURCES = 80
MAX_EDGES = 400
"""Mermaid itself refuses more than 500 edges and 50,000 characters."""


def render(plans: Sequence[Plan], rules: Mapping[str, TypeRules]) -> str:
    """The chart; the same plans give the same."""
    outlines = [outline(plan) for plan in plans]
    resources = sum(one.count for one in outlines)
    edges = sum(len(one.dependencies) for stack in outlines for group in stack.groups for one in group.resources)
    lines = ["flowchart LR"]
    for position, one in enumerate(outlines):
        lines.append(f'  subgraph s{position}["stack {_label(one.plan.stack)}"]')
        if resources <= MAX_RESOURCES and edges <= MAX_EDGES:
            lines += _in_full(one, f"s{position}", rules)
        else:
            lines += _by_component(one, f"s{position}")
        lines.append("  end")
    return "\n".join(lines) + "\n"


def _in_full(stack: StackOutline, prefix: str, rules: Mapping[str, TypeRules]) -> Iterator[str]:
    label = labeller(rules)
    ids: dict[str, str] = {}
    for number, group in enumerate(stack.groups):
        yield f'    subgraph {prefix}g{number}["{_label(group.name or "the stack itself")}"]'
        for one in group.resources:
            ids[one.urn] = f"{prefix}r{len(ids)}"
            name = label(one)
            below = f"<br>{_label(name)}" if name and name != one.name else ""
            yield f'      {ids[one.urn]}["{_label(own_name(one, group))}<br>{_label(short_type(one.type))}{below}"]'
        yield "    end"
    for group in stack.groups:
        for one in group.resources:
            yield from (f"    {ids[other]} --> {ids[one.urn]}" for other in one.dependencies if other in ids)


def _by_component(stack: StackOutline, prefix: str) -> Iterator[str]:
    ids = {group.name: f"{prefix}g{number}" for number, group in enumerate(stack.groups)}
    for group in stack.groups:
        name = group.name or "the stack itself"
        yield f'    {ids[group.name]}["{_label(name)}<br>{counted(len(group.resources))}"]'
    for name, needed in direct(stack.groups).items():
        yield from (f"    {ids[other]} --> {ids[name]}" for other in needed if other in ids)


def _label(text: str) -> str:
    """Text within quotes; Mermaid reads HTML there, and its own entities with a hash."""
    return escape(shown(text), quote=True).replace("&", "#").replace("#x27;", "#39;").replace("`", "#96;")
