"""Machines on Vertex AI: which one a config asks for, and how the clouds' arguments and labels name it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from ..contract.catalogue import MachineSize
from .catalogue.sizes import SIZES, takes_accelerators

DEFAULT_TYPES: Mapping[str, str] = {"cpu": "n2-standard-4", "gpu": "n1-standard-8"}
"""The machine type of a compute whose config names none, by its kind."""

SERVING_TYPE = "n1-standard-4"
"""The machine type of an endpoint whose config names none."""

ATTACHED = "NVIDIA_TESLA_T4"
"""The GPU of a machine type that has none of its own and is to have one."""


def machine_type(size: str | None, kind: Literal["cpu", "gpu"]) -> str:
    """The name of the machine type."""
    return size or DEFAULT_TYPES[kind]


def machine(type: str, kind: Literal["cpu", "gpu"] = "cpu") -> MachineSize | None:
    """The machine with its GPUs; None for a type that is not in the list."""
    size = SIZES.get(type)
    if size is not None and kind == "gpu" and not size.gpus and takes_accelerators(size):
        return replace(size, gpus=1, accelerator=ATTACHED)
    return size


def spec(type: str, size: MachineSize | None) -> dict[str, str | int]:
    """The machine as Vertex AI's ``machine_spec``, GPUs that come with the machine type included."""
    if size is None or not size.gpus:
        return {"machine_type": type}
    return {"machine_type": type, "accelerator_type": size.accelerator, "accelerator_count": size.gpus}
