"""What a cloud offers, as plain facts: a machine size. Each platform's ``catalogue`` folder lists its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MachineSize:
    """A machine as the cloud names it; ``family`` is the word under which the cloud counts its quota.

    ``memory_gib`` is the cloud's own figure. ``accelerator`` is empty for a machine without GPUs.
    """

    name: str
    family: str
    vcpus: int
    memory_gib: float
    gpus: int = 0
    accelerator: str = ""


def by_name(sizes: Iterable[MachineSize]) -> Mapping[str, MachineSize]:
    """The sizes by their names, which must differ."""
    found: dict[str, MachineSize] = {}
    for size in sizes:
        if size.name in found:
            raise ValueError(f"{size.name} is listed twice")
        found[size.name] = size
    return found
