"""Which quota of virtual CPUs a plan needs at Azure, by family and region: the most that its machines may take.

Azure ML counts the virtual CPUs of clusters, instances and managed endpoints by family and region, and those that can
be taken away in one number of their own. A managed endpoint reserves a fifth on top for upgrades, and a rollout runs
the next deployment beside the one that serves (https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..contract.planned import PlannedResource, QuotaNeed
from .catalogue.sizes import SIZES

LOW_PRIORITY = "lowPriorityCores"
"""Azure's word for the virtual CPUs that can be taken away, whatever their family."""

_ROLLOUT_SLOTS = 2


@dataclass(frozen=True, kw_only=True)
class _Use:
    """Machines of a size that a resource may run at once."""

    region: str
    size: str
    count: int
    reason: str
    spot: bool = False


def quota(resources: Sequence[PlannedResource]) -> tuple[QuotaNeed, ...]:
    """What the resources need of each quota, sorted; sizes that the list has not are left out."""
    needs: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for one in resources:
        for use in _uses(one):
            size = SIZES.get(use.size)
            if size is not None and use.count:
                family = LOW_PRIORITY if use.spot else size.family
                needs.setdefault((family, use.region), []).append((use.count * size.vcpus, use.reason))
    return tuple(
        QuotaNeed(
            family=family, region=region, unit="vCPU",
            amount=sum(amount for amount, _ in found), reasons=tuple(sorted(reason for _, reason in found)),
        )
        for (family, region), found in sorted(needs.items())
    )  # fmt: skip


def _uses(one: PlannedResource) -> Iterator[_Use]:
    properties = cast("Mapping[str, Any]", one.properties)
    match one.type:
        case "azure-native:machinelearningservices:Compute":
            yield _of_compute(one, properties)
        case "azure-native:machinelearningservices:OnlineEndpoint":
            yield from _of_endpoint(one, properties)
        case _:
            pass


def _of_compute(one: PlannedResource, properties: Mapping[str, Any]) -> _Use:
    settings = properties["properties"]["properties"]
    scale = settings.get("scaleSettings", {"maxNodeCount": 1})
    return _Use(
        region=properties["location"], size=settings["vmSize"], count=_whole(scale["maxNodeCount"]),
        spot=settings.get("vmPriority") == "LowPriority", reason=one.name,
    )  # fmt: skip


def _of_endpoint(one: PlannedResource, properties: Mapping[str, Any]) -> Iterator[_Use]:
    """By its tags, since the lifecycle makes most deployments; the pinned ones are of the same size."""
    tags = properties.get("tags")
    if not isinstance(tags, dict) or "machine-type" not in tags:
        return
    sizes = cast("Mapping[str, Any]", tags)
    # A fifth more, and never less than one machine: whole numbers, so that no fraction is rounded the wrong way.
    reserved = -(-_whole(sizes["max-instances"]) * 6 // 5)
    yield _Use(
        region=properties["location"], size=sizes["machine-type"], count=_ROLLOUT_SLOTS * reserved,
        reason=f"{one.name}, both deployments of a rollout and Azure's reserve of 20 %",
    )  # fmt: skip


def _whole(value: object) -> int:
    """A number, also as a tag holds it; 0 for what is not known or not shown."""
    return int(value) if isinstance(value, int | float | str) else 0
