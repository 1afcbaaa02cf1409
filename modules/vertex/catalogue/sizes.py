"""The Compute Engine machine types that Vertex AI trains and serves with, and its accelerators; as of November 2026.

Source: Google's pages on machine families (cloud.google.com/compute/docs/machine-resource) and on compute for
Vertex AI training and prediction; the accelerators are the enum of aiplatform v1's MachineSpec, revision 20261106,
deprecated ones and TPUs left out. ``family`` is the word in the quota's name, as in "Custom model training CPUs for
N1/E2 machine types per region".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...contract.catalogue import MachineSize, by_name

AS_OF = "2026-11"

_SERIES: tuple[tuple[str, str, float, tuple[int, ...]], ...] = (
    ("n1-standard-{}", "N1/E2", 3.75, (4, 8, 16, 32, 64, 96)),
    ("n1-highmem-{}", "N1/E2", 6.5, (2, 4, 8, 16, 32, 64, 96)),
    ("n1-highcpu-{}", "N1/E2", 0.9, (16, 32, 64, 96)),
    ("e2-standard-{}", "N1/E2", 4, (4, 8, 16, 32)),
    ("e2-highmem-{}", "N1/E2", 8, (2, 4, 8, 16)),
    ("e2-highcpu-{}", "N1/E2", 1, (16, 32)),
    ("n2-standard-{}", "N2", 4, (4, 8, 16, 32, 48, 64, 80)),
    ("n2-highmem-{}", "N2", 8, (2, 4, 8, 16, 32, 48, 64, 80)),
    ("n2-highcpu-{}", "N2", 1, (16, 32, 48, 64, 80)),
    ("n2d-standard-{}", "N2D", 4, (4, 8, 16, 32, 48, 64, 80, 96)),
    ("n2d-highmem-{}", "N2D", 8, (2, 4, 8, 16, 32, 48, 64, 80)),
    ("c2-standard-{}", "C2", 4, (4, 8, 16, 30, 60)),
    ("c2d-standard-{}", "C2D", 4, (2, 4, 8, 16, 32, 56)),
    ("c2d-highmem-{}", "C2D", 8, (2, 4, 8, 16, 32, 56)),
    ("c3-standard-{}", "C3", 4, (4, 8, 22, 44, 88, 176)),
    ("c3-highmem-{}", "C3", 8, (4, 8, 22, 44, 88, 176)),
    ("c3-highcpu-{}", "C3", 2, (4, 8, 22, 44, 88, 176)),
)
"""A name's pattern, the quota's family, GiB of memory for a virtual CPU, the numbers of virtual CPUs."""

_SINGLE: tuple[tuple[str, str, int, float], ...] = (
    ("n1-standard-2", "N1/E2", 2, 7.5),
    ("e2-standard-2", "N1/E2", 2, 8),
    ("n2-standard-2", "N2", 2, 8),
    ("n2d-standard-2", "N2D", 2, 8),
    ("m1-megamem-96", "M1", 96, 1433.6),
    ("m1-ultramem-40", "M1", 40, 961),
    ("m1-ultramem-80", "M1", 80, 1922),
    ("m1-ultramem-160", "M1", 160, 3844),
)
"""Machine types that serve only, or follow no pattern: name, the quota's family, virtual CPUs, GiB of memory."""

_WITH_GPUS: tuple[tuple[str, str, int, float, int, str], ...] = (
    ("g2-standard-4", "G2", 4, 16, 1, "NVIDIA_L4"),
    ("g2-standard-8", "G2", 8, 32, 1, "NVIDIA_L4"),
    ("g2-standard-12", "G2", 12, 48, 1, "NVIDIA_L4"),
    ("g2-standard-16", "G2", 16, 64, 1, "NVIDIA_L4"),
    ("g2-standard-24", "G2", 24, 96, 2, "NVIDIA_L4"),
    ("g2-standard-32", "G2", 32, 128, 1, "NVIDIA_L4"),
    ("g2-standard-48", "G2", 48, 192, 4, "NVIDIA_L4"),
    ("g2-standard-96", "G2", 96, 384, 8, "NVIDIA_L4"),
    ("a2-highgpu-1g", "A2", 12, 85, 1, "NVIDIA_TESLA_A100"),
    ("a2-highgpu-2g", "A2", 24, 170, 2, "NVIDIA_TESLA_A100"),
    ("a2-highgpu-4g", "A2", 48, 340, 4, "NVIDIA_TESLA_A100"),
    ("a2-highgpu-8g", "A2", 96, 680, 8, "NVIDIA_TESLA_A100"),
    ("a2-megagpu-16g", "A2", 96, 1360, 16, "NVIDIA_TESLA_A100"),
    ("a2-ultragpu-1g", "A2", 12, 170, 1, "NVIDIA_A100_80GB"),
    ("a2-ultragpu-2g", "A2", 24, 340, 2, "NVIDIA_A100_80GB"),
    ("a2-ultragpu-4g", "A2", 48, 680, 4, "NVIDIA_A100_80GB"),
    ("a2-ultragpu-8g", "A2", 96, 1360, 8, "NVIDIA_A100_80GB"),
    ("a3-highgpu-1g", "A3", 26, 234, 1, "NVIDIA_H100_80GB"),
    ("a3-highgpu-2g", "A3", 52, 468, 2, "NVIDIA_H100_80GB"),
    ("a3-highgpu-4g", "A3", 104, 936, 4, "NVIDIA_H100_80GB"),
    ("a3-highgpu-8g", "A3", 208, 1872, 8, "NVIDIA_H100_80GB"),
    ("a3-megagpu-8g", "A3", 208, 1872, 8, "NVIDIA_H100_MEGA_80GB"),
    ("a3-ultragpu-8g", "A3", 224, 2952, 8, "NVIDIA_H200_141GB"),
    ("a4-highgpu-8g", "A4", 224, 3968, 8, "NVIDIA_B200"),
)
"""Machine types that come with GPUs: name, the quota's family, virtual CPUs, GiB of memory, GPUs, which."""


@dataclass(frozen=True, kw_only=True)
class Accelerator:
    """A GPU that is attached to an N1 machine: Vertex AI's name for it, and how many a machine may have."""

    name: str
    counts: tuple[int, ...]


ACCELERATORS = {
    one.name: one
    for one in (
        Accelerator(name="NVIDIA_TESLA_P4", counts=(1, 2, 4)),
        Accelerator(name="NVIDIA_TESLA_P100", counts=(1, 2, 4)),
        Accelerator(name="NVIDIA_TESLA_T4", counts=(1, 2, 4)),
        Accelerator(name="NVIDIA_TESLA_V100", counts=(1, 2, 4, 8)),
    )
}
"""What can be attached to ``n1-…`` machines; every other GPU comes with its machine type."""


def takes_accelerators(size: MachineSize) -> bool:
    """Whether GPUs can be attached to a machine of this type."""
    return size.name.startswith("n1-")


def _all() -> Iterator[MachineSize]:
    for pattern, family, memory, numbers in _SERIES:
        for vcpus in numbers:
            yield MachineSize(
                name=pattern.format(vcpus), family=family, vcpus=vcpus, memory_gib=round(vcpus * memory, 2)
            )  # fmt: skip
    for name, family, vcpus, memory in _SINGLE:
        yield MachineSize(name=name, family=family, vcpus=vcpus, memory_gib=memory)
    for name, family, vcpus, memory, gpus, accelerator in _WITH_GPUS:
        yield MachineSize(
            name=name, family=family, vcpus=vcpus, memory_gib=memory, gpus=gpus, accelerator=accelerator
        )  # fmt: skip


SIZES = by_name(_all())
"""The machine types by name."""
