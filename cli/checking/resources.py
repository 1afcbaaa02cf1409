"""Planned resources as the rules see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from ...modules.contract import planned
from ...modules.contract.planned import PlannedResource
from ...policies.resource import Resource
from ...policies.tokens import normalised
from ...policies.values import SECRET, Unknown
from ...stacks.planning.plan import Plan


def of_plans(plans: Iterable[Plan]) -> list[Resource]:
    """What the clouds would hold of these plans; a stack's name is the environment of all that is in it."""
    return [_resource(one, plan.stack) for plan in plans for one in plan.made]


def _resource(one: PlannedResource, stack: str) -> Resource:
    return Resource(
        urn=one.urn,
        type=normalised(one.type),
        token=one.type,
        name=one.name,
        properties=cast("Mapping[str, object]", _converted(one.properties)),
        stack=stack,
        environment=stack,
        parent=one.parent,
        protect=one.protect,
        cause=one.cause,
        where=one.where,
    )


def _converted(value: object) -> object:
    if isinstance(value, planned.Unknown):
        return Unknown(of=value.of)
    if isinstance(value, planned.Secret):
        return SECRET
    if isinstance(value, Mapping):
        return {key: _converted(one) for key, one in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_converted(one) for one in cast("Sequence[object]", value)]
    return value
