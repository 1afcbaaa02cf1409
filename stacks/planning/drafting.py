"""From pulumi's requests to planned resources: normalised, put in order, still with the values of their secrets."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import GroundplanError, Problem
from ...modules.contract.planned import PlannedResource, Unknown
from ..causes import Places
from .observing import Path
from .reading import Determined, mapping
from .recording import Recording


def drafted(recording: Recording, places: Places) -> tuple[PlannedResource, ...]:
    """The resources, each after what it depends on. Their secrets stand in them as ``Hidden``.

    Raises GroundplanError when two of them have one URN, which the engine refuses and mocks do not notice.
    """
    _demand_one_of_each(urn for urn, _ in recording.requests)
    references = dict(recording.references)
    found = [_resource(urn, request, recording, places) for urn, request in recording.requests]
    found += [_reference(urn, request, recording, places) for urn, request in references.items()]
    return in_order(found)


def exports(recording: Recording) -> dict[str, object]:
    """What the stack exports, its secrets as ``Hidden``."""
    return {} if recording.outputs is None else mapping(recording.outputs, lambda _path: Unknown())


def in_order(resources: Iterable[PlannedResource]) -> tuple[PlannedResource, ...]:
    """Each after its parent, its provider and what it depends on; among those that are free, by URN."""
    by_urn = {one.urn: one for one in resources}
    needs = {urn: {other for other in _needed(one) if other in by_urn} for urn, one in by_urn.items()}
    needed_by: dict[str, list[str]] = {urn: [] for urn in by_urn}
    for urn, others in needs.items():
        for other in others:
            needed_by[other].append(urn)
    free = [urn for urn, others in needs.items() if not others]
    heapq.heapify(free)
    ordered: list[PlannedResource] = []
    while free:
        urn = heapq.heappop(free)
        ordered.append(by_urn[urn])
        for other in needed_by[urn]:
            needs[other].discard(urn)
            if not needs[other]:
                heapq.heappush(free, other)
    return tuple(ordered)


def _needed(one: PlannedResource) -> Iterator[str]:
    yield from (one.parent, one.provider, *one.dependencies)


def _demand_one_of_each(urns: Iterable[str]) -> None:
    twice = sorted(urn for urn, count in Counter(urns).items() if count > 1)
    if twice:
        problems = [
            Problem(
                message=f"two resources of type {_type(urn)} have the logical name {_name(urn)}",
                where=_name(urn),
                hint="Rename one of the things in the config that are called so.",
            )
            for urn in twice
        ]
        raise GroundplanError(problems[0].message, where=problems[0].where, problems=problems)


def _resource(urn: str, request: Any, recording: Recording, places: Places) -> PlannedResource:
    by_property = {name: _sorted(entry.urns) for name, entry in request.propertyDependencies.items() if entry.urns}
    seen = recording.seen[urn]
    return PlannedResource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=_without_stack(request.parent),
        component=not request.custom,
        properties=mapping(request.object, _determined(by_property, seen.sources)),
        dependencies=_sorted(request.dependencies),
        property_dependencies=dict(sorted(by_property.items())),
        provider=_provider(request.provider),
        protect=bool(request.protect),
        ignore_changes=tuple(sorted(request.ignoreChanges)),
        replace_on_changes=tuple(sorted(request.replaceOnChanges)),
        delete_before_replace=bool(request.deleteBeforeReplace),
        retain_on_delete=bool(request.retainOnDelete),
        cause=seen.cause,
        where=places.of(seen.cause),
    )


def _reference(urn: str, request: Any, recording: Recording, places: Places) -> PlannedResource:
    seen = recording.seen[urn]
    return PlannedResource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=_without_stack(request.parent),
        properties=mapping(request.properties, lambda _path: Unknown()),
        cause=seen.cause,
        where=places.of(seen.cause),
    )


def _determined(by_property: Mapping[str, Sequence[str]], sources: Mapping[Path, tuple[str, str]]) -> Determined:
    """The one output that an input is, where it is one; else the resources that the whole property depends on."""

    def determined(path: Path) -> Unknown:
        source = sources.get(path)
        if source is not None:
            return Unknown(of=(source[0],), property=source[1])
        return Unknown(of=tuple(by_property.get(str(path[0]), ())))

    return determined


def _sorted(urns: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(urns))


def _without_stack(urn: str) -> str:
    return "" if _type(urn) == "pulumi:pulumi:Stack" else urn


def _provider(reference: str) -> str:
    """The provider's URN out of ``urn::id``."""
    return "::".join(reference.split("::")[:4])


def _type(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1] if urn else ""


def _name(urn: str) -> str:
    return urn.split("::")[3]
