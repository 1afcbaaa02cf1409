"""The outline that all reports of a plan follow: stacks, their components, the resources of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ....modules.contract.planned import PlannedResource
from ....modules.contract.rules import TypeRules
from ....stacks.planning.plan import Plan

_NAMES = ("name", "displayName", "accountId", "role", "scope")
"""Properties that tell people which resource is meant, where no rule says more."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A component with all that it holds; ``requires`` are the names of the components that it builds upon.

    The resources that no component holds make a group without a name.
    """

    name: str
    type: str
    where: str
    resources: tuple[PlannedResource, ...]
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StackOutline:
    """One stack: its components in the order in which they are made."""

    plan: Plan
    groups: tuple[Group, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many resources the cloud would hold."""
        return sum(len(group.resources) for group in self.groups)


def outline(plan: Plan) -> StackOutline:
    """The outline of a plan."""
    by_urn = {one.urn: one for one in plan.resources}
    holder = {one.urn: _holder(one, by_urn) for one in plan.resources}
    held: dict[str, list[PlannedResource]] = {}
    for one in plan.resources:
        if one.component and not one.parent:
            held.setdefault(one.urn, [])
    for one in plan.made:
        held.setdefault(holder[one.urn], []).append(one)
    groups = [_group(urn, resources, by_urn, holder) for urn, resources in held.items() if resources]
    return StackOutline(plan=plan, groups=tuple(_in_order(groups)))


def direct(groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
    """For each group what it builds upon, without what it builds upon through another one anyway."""
    requires = {group.name: set(group.requires) for group in groups}
    reached: dict[str, set[str]] = {}
    for group in groups:
        found = requires[group.name] & reached.keys()
        reached[group.name] = found.union(*(reached[other] for other in found))
    return {
        name: tuple(sorted(one for one in needed if not any(one in reached.get(other, ()) for other in needed - {one})))
        for name, needed in requires.items()
    }


def counted(count: int, what: str = "resource") -> str:
    """``1 resource``, ``2 resources``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def own_name(one: PlannedResource, group: Group) -> str:
    """The logical name within its component: without the component's own."""
    return one.name.removeprefix(f"{group.name}-") if group.name else one.name


def short_type(token: str) -> str:
    """The type as people call it: ``machinelearningservices.Workspace``, ``vertex.AiEndpoint``."""
    _, module, name = [*token.split(":"), "", ""][:3]
    return f"{module.split('/')[0]}.{name}" if name else token


def labeller(rules: Mapping[str, TypeRules]) -> Callable[[PlannedResource], str]:
    """A function that gives a resource's own name at the cloud, or what comes nearest to one."""

    def label(one: PlannedResource) -> str:
        rule = rules.get(one.type)
        names = (rule.name.property, *_NAMES) if rule is not None and rule.name is not None else _NAMES
        found = (one.properties.get(name) for name in names)
        return next((text for text in found if isinstance(text, str)), "")

    return label


def _in_order(groups: Sequence[Group]) -> list[Group]:
    """Each group after those that it builds upon, else by name; in a ring the first by name comes first."""
    waiting = sorted(groups, key=lambda group: group.name)
    ordered: list[Group] = []
    while waiting:
        names = {group.name for group in waiting}
        free = [group for group in waiting if not names.intersection(group.requires)] or waiting[:1]
        ordered += free
        waiting = [group for group in waiting if group not in free]
    return ordered


def _holder(one: PlannedResource, by_urn: Mapping[str, PlannedResource]) -> str:
    """The outermost component around a resource, or nothing."""
    found = one.urn if one.component else ""
    while one.parent in by_urn:
        one = by_urn[one.parent]
        found = one.urn if one.component else found
    return found


def _group(
    urn: str,
    resources: list[PlannedResource],
    by_urn: Mapping[str, PlannedResource],
    holder: Mapping[str, str],
) -> Group:
    needed = {holder.get(other, "") for one in resources for other in one.dependencies} - {"", urn}
    component = by_urn.get(urn)
    return Group(
        name=component.name if component else "",
        type=component.type.rpartition(":")[2] if component else "",
        where=component.where if component else "",
        resources=tuple(resources),
        requires=tuple(sorted(by_urn[other].name for other in needed)),
    )
