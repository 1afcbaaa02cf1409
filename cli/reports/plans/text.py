"""A plan as text: a tree by component, then what comes after up, who gains what, which quota it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ....modules.contract.planned import PlannedResource
from ....modules.contract.rules import TypeRules
from ....stacks.planning.comparison import PropertyChange, ResourceChange
from ....stacks.planning.plan import Plan
from ...output import Output, Style
from ..shown import shown
from .outline import Group, StackOutline, counted, labeller, outline, short_type
from .quota import needs
from .values import leaves, text_of

_MARKS: dict[str, tuple[str, Style]] = {
    "added": ("+", "good"),
    "changed": ("~", "warn"),
    "replaced": ("-/+", "bad"),
    "removed": ("-", "bad"),
}


_LONG = 200
"""Characters; names and principals that are cut may look the same."""

_WHOLE = 2000
"""Characters; a command that is cut does not work."""


def write(output: Output, plans: Sequence[Plan], rules: Mapping[str, TypeRules]) -> None:
    """All stacks, each with its sections. Properties are shown too when more is asked for (-v)."""
    outlines = [outline(plan) for plan in plans]
    widths = _widths(outlines)
    for one in outlines:
        output.line(f"stack {one.plan.stack}  {counted(one.count)}", "bold")
        for group in one.groups:
            _group(output, group, rules, widths)
        _references(output, one.plan)
        output.line()
    _sections(output, plans)
    output.line(summary(plans), "bold")


def write_changes(output: Output, changes: Sequence[ResourceChange]) -> None:
    """What changed since a saved plan, the loss of anything stateful last and loudest."""
    if not changes:
        output.line("nothing changed")
        return
    for change in changes:
        mark, style = _MARKS[change.kind]
        output.line(f"{mark:<3} {change.stack}  {shown(change.name)}  {short_type(change.type)}", style)
        for one in change.properties:
            output.line(f"      {_property(one)}")
    output.line()
    for change in changes:
        if change.risky:
            for line in warning(change):
                output.line(line, "bad")
    output.line(summary_of_changes(changes), "bold")


def warning(change: ResourceChange) -> list[str]:
    """What would be lost, and the config key that caused it."""
    verb = "REPLACED" if change.kind == "replaced" else "REMOVED"
    by = ", ".join(one.path for one in change.properties if one.forces)
    why = f" because of {by}" if by else ""
    lines = [f"{verb}: {shown(change.name)} in {change.stack}{why}"]
    if change.loses:
        lines.append(f"  lost with it: {change.loses}")
    if change.cause:
        lines.append(f"  asked for by {change.cause} ({change.where})")
    return lines


def summary(plans: Sequence[Plan]) -> str:
    """One line: how much there is."""
    total = sum(len(plan.made) for plan in plans)
    stacks = ", ".join(f"{plan.stack} {len(plan.made)}" for plan in plans)
    return f"{plans[0].project} on {plans[0].platform}: {counted(total)} ({stacks})"


def summary_of_changes(changes: Iterable[ResourceChange]) -> str:
    """One line: how many of each kind."""
    kinds = [change.kind for change in changes]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in _MARKS if kind in kinds) or "nothing changed"


def lacking(plans: Iterable[Plan]) -> list[tuple[str, str]]:
    """What the platform does not have, each with the reason."""
    return list({name: reason for plan in plans for name, reason in plan.unsupported.items()}.items())


def _group(output: Output, group: Group, rules: Mapping[str, TypeRules], widths: tuple[int, int]) -> None:
    label = labeller(rules)
    if group.name:
        place = f"  {group.where}" if output.verbosity > 0 and group.where else ""
        output.line(f"  {group.name}  {counted(len(group.resources))}{place}")
    for one in group.resources:
        notes = "  protected" if one.protect else ""
        line = f"    {shown(one.name, _LONG):<{widths[0]}}  {short_type(one.type):<{widths[1]}}"
        output.line(f"{line}  {shown(label(one))}{notes}".rstrip())
        if output.verbosity > 0:
            _properties(output, one)


def _properties(output: Output, one: PlannedResource) -> None:
    for path, value in leaves(one.properties):
        output.line(f"        {shown(path, 120)}: {text_of(value)}", "dim")


def _references(output: Output, plan: Plan) -> None:
    for one in plan.resources:
        if one.type == "pulumi:pulumi:StackReference":
            output.line(f"    reads the outputs of stack {shown(one.name)}", "dim")


def _sections(output: Output, plans: Sequence[Plan]) -> None:
    steps = {(step.title, step.reason, step.command): None for plan in plans for step in plan.steps}
    _section(output, "after up", [line for step in steps for line in _step(*step)])
    grants = [
        f"{plan.stack}  {shown(one.principal, _LONG)}  {shown(one.role, _LONG)}  on {shown(one.scope, _LONG)}"
        for plan in plans
        for one in plan.grants
    ]
    _section(output, "permissions", grants)
    quota = [
        f"{amount} of {shown(family)} in {region}  {stack}: {reasons}"
        for amount, family, region, stack, reasons in needs(plans)
    ]
    _section(output, "quota", quota)
    _section(output, "not on this platform", [f"{name}: {reason}" for name, reason in lacking(plans)])


def _section(output: Output, title: str, lines: Sequence[str]) -> None:
    if lines:
        output.line(title, "bold")
        for line in lines:
            output.line(f"  {line}")
        output.line()


def _step(title: str, reason: str, command: str) -> list[str]:
    lines = [f"{shown(title, _WHOLE)}: {shown(reason, _WHOLE)}"]
    return [*lines, f"  $ {shown(command, _WHOLE)}"] if command else lines


def _property(one: PropertyChange) -> str:
    forced = "  (forces the replacement)" if one.forces else ""
    return f"{shown(one.path, 120)}: {text_of(one.before)} -> {text_of(one.after)}{forced}"


def _widths(outlines: Sequence[StackOutline]) -> tuple[int, int]:
    """Of the names and the types; longer ones stand out."""
    found = [one for stack in outlines for group in stack.groups for one in group.resources]
    names, types = [len(one.name) for one in found], [len(short_type(one.type)) for one in found]
    return min(max(names, default=0), 48), min(max(types, default=0), 44)
