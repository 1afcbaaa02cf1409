"""Machines that do as much as one that cannot be had, and that the cloud counts under another quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ..config import catalogues

if TYPE_CHECKING:
    from ...modules.contract.catalogue import MachineSize

_PLATFORMS = {"azure-native": "azureml", "gcp": "vertex"}
_MOST = 3


def others(type: str, inputs: Mapping[str, object]) -> str:
    """A sentence that names the nearest machines of other families for those of a resource, or nothing."""
    platform = _PLATFORMS.get(type.partition(":")[0])
    if platform is None:
        return ""
    known = cast("Mapping[str, MachineSize]", catalogues.sizes(platform).SIZES)
    asked = sorted({text for text in _texts(inputs) if text in known})
    return " ".join(_sentence(known[name], found) for name in asked if (found := _others(known[name], known)))


def _others(size: MachineSize, known: Mapping[str, MachineSize]) -> Sequence[MachineSize]:
    """With as many CPUs, as much memory and as many accelerators, the smallest of each family, the nearest first."""
    enough = [
        one for one in known.values()
        if one.family != size.family and one.vcpus >= size.vcpus and one.memory_gib >= size.memory_gib
        and (one.gpus >= size.gpus if size.gpus else not one.gpus)
    ]  # fmt: skip
    nearest = sorted(enough, key=lambda one: (one.gpus, one.vcpus, one.memory_gib, one.name))
    by_family = {one.family: one for one in reversed(nearest)}
    return [one for one in nearest if by_family[one.family] is one][:_MOST]


def _sentence(size: MachineSize, found: Sequence[MachineSize]) -> str:
    listed = ", ".join(f"{one.name} ({one.family})" for one in found)
    return f"Instead of {size.name} ({size.family}), counted under another quota, where the region has them: {listed}."


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in cast("Mapping[str, object]", value).values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in cast("Sequence[object]", value):
            yield from _texts(one)
