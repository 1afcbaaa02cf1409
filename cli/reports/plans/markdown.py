"""A plan as Markdown for a pull request: the summary first, what is risky in full, and never longer than a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ....modules.contract.rules import TypeRules
from ....stacks.planning.comparison import ResourceChange
from ....stacks.planning.plan import Plan
from ..comment import Page, safe
from .outline import counted, labeller, outline, short_type
from .quota import needs
from .text import lacking, summary, summary_of_changes
from .values import text_of

MARKER = "<!-- groundplan plan -->"
"""Stands first, so that CI finds its own comment and edits it."""


def render(plans: Sequence[Plan], rules: Mapping[str, TypeRules], changes: Sequence[ResourceChange] | None) -> str:
    """The comment; no name in it is formatted, linked or mentioned. The same plans give the same."""
    page = Page("groundplan plan")
    page.add([MARKER, f"## Plan of {safe(summary(plans))}", ""])
    if changes is not None:
        _changes(page, changes)
    _table(page, "After `up`", ("step", "why", "command"), _steps(plans))
    _table(page, "Who gains which permission", ("stack", "principal", "role", "scope"), _grants(plans))
    _table(page, "Quota", ("amount", "of", "region", "stack", "for"), needs(plans))
    _table(page, "Not on this platform", ("what", "why"), lacking(plans))
    for plan in plans:
        _resources(page, plan, rules)
    return page.text()


def _changes(page: Page, changes: Sequence[ResourceChange]) -> None:
    page.add([f"**{summary_of_changes(changes)}**", ""])
    for change in changes:
        if change.risky:
            page.add(_risk(change))
    rows = [_change_row(change) for change in changes]
    if rows:
        page.add_rows(["| | stack | resource | type | properties |", "|---|---|---|---|---|"], rows, [""])


def _risk(change: ResourceChange) -> list[str]:
    verb = "replaced" if change.kind == "replaced" else "removed"
    by = ", ".join(safe(one.path) for one in change.properties if one.forces)
    lines = ["> [!CAUTION]", f"> **{safe(change.name)}** of stack {safe(change.stack)} would be **{verb}**."]
    if by:
        lines.append(f"> Forced by {by}.")
    if change.loses:
        lines.append(f"> Lost with it: {safe(change.loses, 400)}.")
    if change.cause:
        lines.append(f"> Asked for by {safe(change.cause)} ({safe(change.where)}).")
    return [*lines, ""]


def _change_row(change: ResourceChange) -> str:
    properties = "<br>".join(
        f"{safe(one.path)}: {safe(text_of(one.before, limit=80))} → {safe(text_of(one.after, limit=80))}"
        for one in change.properties[:20]
    )
    more = f"<br>and {len(change.properties) - 20} more" if len(change.properties) > 20 else ""
    cells = (change.kind, safe(change.stack), safe(change.name), safe(short_type(change.type)), properties + more)
    return f"| {' | '.join(cells)} |"


def _table(page: Page, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [f"| {' | '.join(safe(cell, 2000) for cell in row)} |" for row in rows]
    if lines:
        head = [
            f"<details><summary>{title.replace('`', '')} ({len(lines)})</summary>",
            "",
            f"| {' | '.join(columns)} |",
            f"|{'---|' * len(columns)}",
        ]
        page.add_rows(head, lines, ["", "</details>", ""])


def _steps(plans: Sequence[Plan]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys((step.title, step.reason, step.command) for plan in plans for step in plan.steps))


def _grants(plans: Sequence[Plan]) -> list[tuple[str, str, str, str]]:
    return [(plan.stack, one.principal, one.role, one.scope) for plan in plans for one in plan.grants]


def _resources(page: Page, plan: Plan, rules: Mapping[str, TypeRules]) -> None:
    label: Callable[..., str] = labeller(rules)
    stack = outline(plan)
    head = [
        f"<details><summary>Stack {safe(plan.stack)}: {counted(stack.count)}</summary>",
        "",
        "| component | resource | type | name |",
        "|---|---|---|---|",
    ]
    rows = (
        f"| {safe(group.name)} | {safe(one.name)} | {safe(short_type(one.type))} | {safe(label(one))} |"
        for group in stack.groups
        for one in group.resources
    )
    page.add_rows(head, rows, ["", "</details>", ""])
