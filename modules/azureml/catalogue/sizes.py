"""The Azure virtual machine sizes that Azure Machine Learning computes and endpoints use; as of November 2026.

Source: Microsoft's pages on virtual machine sizes (learn.microsoft.com/azure/virtual-machines/sizes), compared with
a public catalogue of the sizes offered to Azure Machine Learning; the family names are those of `az vm list-usage`.
It is a selection: the series that Azure Machine Learning lists for new work. Retired series are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...contract.catalogue import MachineSize, by_name

AS_OF = "2026-11"

_SERIES: tuple[tuple[str, str, float, tuple[int, ...]], ...] = (
    ("Standard_D{}s_v3", "standardDSv3Family", 4, (2, 4, 8, 16, 32, 48, 64)),
    ("Standard_D{}s_v4", "standardDSv4Family", 4, (2, 4, 8, 16, 32, 48, 64)),
    ("Standard_D{}ds_v4", "standardDDSv4Family", 4, (2, 4, 8, 16, 32, 48, 64)),
    ("Standard_D{}as_v4", "standardDASv4Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}s_v5", "standardDSv5Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}ds_v5", "standardDDSv5Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}as_v5", "standardDASv5Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}ads_v5", "standardDADSv5Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}s_v6", "StandardDsv6Family", 4, (2, 4, 8, 16, 32, 48, 64, 96, 128)),
    ("Standard_D{}ds_v6", "StandardDdsv6Family", 4, (2, 4, 8, 16, 32, 48, 64, 96, 128)),
    ("Standard_D{}as_v6", "standardDav6Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_D{}ads_v6", "standardDadv6Family", 4, (2, 4, 8, 16, 32, 48, 64, 96)),
    ("Standard_E{}s_v3", "standardESv3Family", 8, (2, 4, 8, 16, 20, 32, 48)),
    ("Standard_E{}ds_v4", "standardEDSv4Family", 8, (2, 4, 8, 16, 20, 32, 48)),
    ("Standard_E{}s_v5", "standardESv5Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_E{}ds_v5", "standardEDSv5Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_E{}as_v5", "standardEASv5Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_E{}ads_v5", "standardEADSv5Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_E{}s_v6", "StandardEsv6Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_E{}ds_v6", "StandardEdsv6Family", 8, (2, 4, 8, 16, 20, 32, 48, 64)),
    ("Standard_F{}s_v2", "standardFSv2Family", 2, (2, 4, 8, 16, 32, 48, 64, 72)),
)
"""A name's pattern, the quota's family, GiB of memory for a virtual CPU, the numbers of virtual CPUs."""

_SINGLE: tuple[tuple[str, str, int, float], ...] = (
    ("Standard_DS1_v2", "standardDSv2Family", 1, 3.5),
    ("Standard_DS2_v2", "standardDSv2Family", 2, 7),
    ("Standard_DS3_v2", "standardDSv2Family", 4, 14),
    ("Standard_DS4_v2", "standardDSv2Family", 8, 28),
    ("Standard_DS5_v2", "standardDSv2Family", 16, 56),
    ("Standard_DS11_v2", "standardDSv2Family", 2, 14),
    ("Standard_DS12_v2", "standardDSv2Family", 4, 28),
    ("Standard_DS13_v2", "standardDSv2Family", 8, 56),
    ("Standard_DS14_v2", "standardDSv2Family", 16, 112),
    ("Standard_E64s_v3", "standardESv3Family", 64, 432),
    ("Standard_E64ds_v4", "standardEDSv4Family", 64, 504),
    ("Standard_E96s_v5", "standardESv5Family", 96, 672),
    ("Standard_E96ds_v5", "standardEDSv5Family", 96, 672),
    ("Standard_E96as_v5", "standardEASv5Family", 96, 672),
    ("Standard_E96ads_v5", "standardEADSv5Family", 96, 672),
    ("Standard_FX4mds", "standardFXMDVSFamily", 4, 84),
    ("Standard_FX12mds", "standardFXMDVSFamily", 12, 252),
    ("Standard_FX24mds", "standardFXMDVSFamily", 24, 504),
    ("Standard_FX36mds", "standardFXMDVSFamily", 36, 756),
    ("Standard_FX48mds", "standardFXMDVSFamily", 48, 1008),
    ("Standard_L8s_v3", "standardLSv3Family", 8, 64),
    ("Standard_L16s_v3", "standardLSv3Family", 16, 128),
    ("Standard_L32s_v3", "standardLSv3Family", 32, 256),
    ("Standard_L8as_v3", "standardLASv3Family", 8, 64),
    ("Standard_L16as_v3", "standardLASv3Family", 16, 128),
    ("Standard_L32as_v3", "standardLASv3Family", 32, 256),
    ("Standard_M8ms", "standardMSFamily", 8, 218.75),
    ("Standard_M16ms", "standardMSFamily", 16, 437.5),
    ("Standard_M32ls", "standardMSFamily", 32, 256),
    ("Standard_M32ts", "standardMSFamily", 32, 192),
    ("Standard_M32ms", "standardMSFamily", 32, 875),
    ("Standard_M64ls", "standardMSFamily", 64, 512),
    ("Standard_M64s", "standardMSFamily", 64, 1024),
    ("Standard_M64ms", "standardMSFamily", 64, 1792),
    ("Standard_M128s", "standardMSFamily", 128, 2048),
)
"""Sizes that follow no pattern: name, the quota's family, virtual CPUs, GiB of memory."""

_WITH_GPUS: tuple[tuple[str, str, int, float, int, str], ...] = (
    ("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4, 28, 1, "NVIDIA T4"),
    ("Standard_NC8as_T4_v3", "Standard NCASv3_T4 Family", 8, 56, 1, "NVIDIA T4"),
    ("Standard_NC16as_T4_v3", "Standard NCASv3_T4 Family", 16, 110, 1, "NVIDIA T4"),
    ("Standard_NC64as_T4_v3", "Standard NCASv3_T4 Family", 64, 440, 4, "NVIDIA T4"),
    ("Standard_NC24ads_A100_v4", "StandardNCADSA100v4Family", 24, 220, 1, "NVIDIA A100 80 GB"),
    ("Standard_NC48ads_A100_v4", "StandardNCADSA100v4Family", 48, 440, 2, "NVIDIA A100 80 GB"),
    ("Standard_NC96ads_A100_v4", "StandardNCADSA100v4Family", 96, 880, 4, "NVIDIA A100 80 GB"),
    ("Standard_NC40ads_H100_v5", "StandardNCadsH100v5Family", 40, 320, 1, "NVIDIA H100 94 GB"),
    ("Standard_NC80adis_H100_v5", "StandardNCadsH100v5Family", 80, 640, 2, "NVIDIA H100 94 GB"),
    ("Standard_ND96asr_v4", "Standard NDASv4_A100 Family", 96, 900, 8, "NVIDIA A100 40 GB"),
    ("Standard_ND96amsr_A100_v4", "Standard NDAMSv4_A100Family", 96, 1900, 8, "NVIDIA A100 80 GB"),
    ("Standard_ND96isr_H100_v5", "standardNDSH100v5Family", 96, 1900, 8, "NVIDIA H100 80 GB"),
    ("Standard_ND96isr_H200_v5", "standardNDISRH200V5Family", 96, 1850, 8, "NVIDIA H200 141 GB"),
)
"""Sizes with GPUs: name, the quota's family, virtual CPUs, GiB of memory, GPUs, which."""


def _all() -> Iterator[MachineSize]:
    for pattern, family, memory, numbers in _SERIES:
        for vcpus in numbers:
            yield MachineSize(name=pattern.format(vcpus), family=family, vcpus=vcpus, memory_gib=vcpus * memory)
    for name, family, vcpus, memory in _SINGLE:
        yield MachineSize(name=name, family=family, vcpus=vcpus, memory_gib=memory)
    for name, family, vcpus, memory, gpus, accelerator in _WITH_GPUS:
        yield MachineSize(
            name=name, family=family, vcpus=vcpus, memory_gib=memory, gpus=gpus, accelerator=accelerator
        )  # fmt: skip


SIZES = by_name(_all())
"""The sizes by name. Azure compares names without regard to case; groundplan asks for Azure's own spelling."""
