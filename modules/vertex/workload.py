"""How many machines a pipeline uses at once: the steps that nothing orders may all run together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ...lifecycle.contract.pipeline import Pipeline
from ..contract.catalogue import MachineSize


def text(pipeline: Pipeline, machines: Mapping[str, MachineSize]) -> str:
    """The machines as ``2 n2-standard-4, 1 n1-standard-8 + 1 NVIDIA_TESLA_T4``, the widest row of each kind."""
    most: Counter[str] = Counter()
    for row in _rows(pipeline):
        of_row = Counter(_named(machines[name]) for name in row if name in machines)
        most |= of_row
    return ", ".join(f"{count} {name}" for name, count in sorted(most.items()))


def parsed(text: str) -> dict[tuple[str, str, int], int]:
    """Of such a text: how many machines, by machine type, accelerator and number of accelerators."""
    found: dict[tuple[str, str, int], int] = {}
    for part in text.split(", ") if text else ():
        count, _, rest = part.partition(" ")
        name, _, accelerator = rest.partition(" + ")
        gpus, _, kind = accelerator.partition(" ")
        found[name, kind, int(gpus or 0)] = int(count)
    return found


def _rows(pipeline: Pipeline) -> list[list[str]]:
    """The steps by the length of the longest way that leads to them."""
    depth: dict[str, int] = {}
    waiting = dict(pipeline.steps)
    while waiting:
        for name in [name for name, step in waiting.items() if step.dependencies <= depth.keys()]:
            depth[name] = 1 + max((depth[one] for one in waiting.pop(name).dependencies), default=-1)
    return [[name for name, row in depth.items() if row == level] for level in sorted(set(depth.values()))]


def _named(machine: MachineSize) -> str:
    return f"{machine.name} + {machine.gpus} {machine.accelerator}" if machine.gpus else machine.name
