"""What a preview would lose for good: replacements and deletions of what holds state, and what in the config asks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ...core.errors import GroundplanError, PolicyError, Problem
from ...modules.contract.planned import PlannedResource
from ...modules.contract.rules import TypeRules
from ..causes import Places
from .state import StateResource
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
) -> tuple[Hazard, ...]:
    """The hazards of a preview; ``planned`` says which config asks for a resource, ``places`` where its keys are."""
    return tuple(
        _of_step(step, rules, planned.get(step.urn), places)
        for step in steps
        if step.change in _DOING and (step.protect or _is_stateful(step.type, rules)) and not step.is_bookkeeping
    )


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
    would = f"replaced{asked}" if found["doing"] else "deleted: nothing in the config asks for it any more"
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


def _is_stateful(type: str, rules: Mapping[str, TypeRules]) -> bool:
    rule = rules.get(type)
    return rule is not None and rule.stateful


def _loses(type: str, rules: Mapping[str, TypeRules]) -> str:
    rule = rules.get(type)
    return rule.loses if rule is not None and rule.loses else "what it holds"


def _cause(step: Step, asks: str) -> str:
    if step.change == "delete":
        return "nothing in the config asks for it any more"
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
