"""What a preview would lose: what holds state and is replaced or deleted, machines that go, and what asks for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ...core.errors import GroundplanError, PolicyError, Problem
from ...modules.contract.planned import PlannedResource
from ...modules.contract.rules import TypeRules
from ..causes import Places
from . import machines
from .state import StackState, StateResource
from .steps import Step, name_of

_PROTECTED = re.compile(
    r'(?:unable to (?P<doing>replace) resource|resource) "(?P<urn>[^"]+)"'
    r"(?:.*marked for protection|\s+cannot be deleted\s+because it is protected)",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """A resource whose content would be lost: what is done to it, what is lost, and which config asks for that."""

    urn: str
    type: str
    doing: str
    loses: str
    cause: str = ""
    where: str = ""

    @property
    def name(self) -> str:
        """Its logical name."""
        return name_of(self.urn)

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        asked = f"; {self.cause}" if self.cause else ""
        return f"{self.doing} of {self.name} ({self.type}) loses {self.loses}{asked}"


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """A name that a cloud keeps after its resource was deleted, for how long, and how it is freed."""

    name: str
    type: str
    days: int
    purge: str


def of_steps(
    steps: Iterable[Step],
    rules: Mapping[str, TypeRules],
    planned: Mapping[str, PlannedResource],
    places: Places | None = None,
    before: StackState | None = None,
) -> tuple[Hazard, ...]:
    """The hazards of a preview; ``planned`` says which config asks for a resource, ``places`` where its keys are.

    Machines that go are seen against the state ``before``.
    """
    inputs = {one.urn: one.inputs for one in (before.resources if before is not None else ())}
    found: list[Hazard] = []
    for step in steps:
        asks = planned.get(step.urn)
        if step.change in _DOING and (step.protect or _is_stateful(step.type, rules)) and not step.is_bookkeeping:
            found.append(_of_step(step, rules, asks, places))
        elif (cut := machines.cut_of(step, rules.get(step.type), inputs.get(step.urn, {}))) is not None:
            found.append(_of_cut(step, cut, asks))
    return tuple(found)


def _of_cut(step: Step, cut: machines.Cut, planned: PlannedResource | None) -> Hazard:
    cause = _NOTHING_ASKS if step.change == "delete" else ""
    if planned is not None and planned.cause:
        cause = f"{planned.cause} asks for it"
    return Hazard(
        urn=step.urn, type=step.type, doing=_DOING.get(step.change, step.change), loses=cut.loses, cause=cause,
        where=_where(planned),
    )  # fmt: skip


def _of_step(
    step: Step, rules: Mapping[str, TypeRules], planned: PlannedResource | None, places: Places | None
) -> Hazard:
    asks, where = ("", "") if planned is None else (planned.cause, planned.where)
    if planned is not None and places is not None and (key := _key(step, planned, places)) is not None:
        asks, where = key, places.of(key)
    return Hazard(
        urn=step.urn, type=step.type, doing=_DOING[step.change], loses=_loses(step.type, rules),
        cause=_cause(step, asks), where=where,
    )  # fmt: skip


def of_state(resources: Iterable[StateResource], rules: Mapping[str, TypeRules]) -> tuple[Hazard, ...]:
    """What destroying a stack would lose."""
    return tuple(
        Hazard(urn=one.urn, type=one.type, doing="deletion", loses=_loses(one.type, rules))
        for one in resources
        if one.protect or _is_stateful(one.type, rules)
    )


def protected(error: GroundplanError, planned: Mapping[str, PlannedResource]) -> GroundplanError:
    """The engine's refusal to replace or delete what is protected, in terms of the config; any other error as it is."""
    found = _PROTECTED.search(error.message)
    if found is None:
        return error
    urn = found["urn"]
    resource = planned.get(urn)
    asked = f", which {resource.cause} asks for" if resource is not None and resource.cause else ""
    would = f"replaced{asked}" if found["doing"] else f"deleted: {_NOTHING_ASKS}"
    return PolicyError(
        f"{name_of(urn)} is protected and would be {would}",
        where=_where(resource) or urn,
        hint=f"Keep what the config said before, or groundplan up --allow-replace '{urn}'",
    )


def refuse(hazards: Sequence[Hazard], allowed: Collection[str]) -> None:
    """Raises PolicyError with every hazard that nobody allowed."""
    left = [one for one in hazards if one.urn not in allowed]
    if left:
        problems = [
            Problem(
                message=one.sentence,
                where=one.where or one.urn,
                hint=f"Keep what the config said before, or groundplan up --allow-replace '{one.urn}'",
            )
            for one in left
        ]
        raise PolicyError(
            problems[0].message, where=problems[0].where, hint=problems[0].hint, problems=problems
        )  # fmt: skip


def reserved(resources: Iterable[StateResource | Step], rules: Mapping[str, TypeRules]) -> tuple[Reserved, ...]:
    """The names that stay taken when these are deleted."""
    found: list[Reserved] = []
    for one in resources:
        rule = rules.get(one.type)
        if rule is not None and rule.soft_delete_days > 0:
            name = str(one.inputs.get(rule.name.property, one.name)) if rule.name else one.name
            group = str(one.inputs.get("resourceGroupName", "GROUP"))
            region = str(one.inputs.get("location", one.inputs.get("region", "REGION")))
            purge = rule.purge.format(name=name, group=group, region=region)
            found.append(Reserved(name=name, type=one.type, days=rule.soft_delete_days, purge=purge))
    return tuple(found)


_DOING = {"replace": "replacement", "delete": "deletion"}
_NOTHING_ASKS = "nothing in the config asks for it any more"


def _is_stateful(type: str, rules: Mapping[str, TypeRules]) -> bool:
    rule = rules.get(type)
    return rule is not None and rule.stateful


def _loses(type: str, rules: Mapping[str, TypeRules]) -> str:
    rule = rules.get(type)
    return rule.loses if rule is not None and rule.loses else "what it holds"


def _cause(step: Step, asks: str) -> str:
    if step.change == "delete":
        return _NOTHING_ASKS
    keys = ", ".join(sorted(step.replaced_by)) or "what it depends on"
    return f"the change of {keys} forces it" + (f", which {asks} asks for" if asks else "")


def _key(step: Step, planned: PlannedResource, places: Places) -> str | None:
    """The key of the config that says the new value of what forces a replacement, such as ``region``."""
    for path in step.replaced_by:
        value = _at(planned.properties, path)
        if isinstance(value, str):
            # Google writes the region of a bucket in capitals.
            places_to_look = ((below, said) for below in (planned.cause, "") for said in (value, value.lower()))
            for below, said in places_to_look:
                if (key := places.key_of(below, said)) is not None:
                    return key
    return None


def _at(value: object, path: str) -> object:
    """What stands at a dotted path of a mapping, or None."""
    first, _, rest = path.partition(".")
    found = cast("Mapping[str, object]", value).get(first) if isinstance(value, Mapping) else None
    return _at(found, rest) if rest else found


def _where(planned: PlannedResource | None) -> str:
    return "" if planned is None else planned.where
