"""The clouds' regions and machine sizes as plain data.

What a cloud offers today is not proved here: the lists carry the date and the source that they were written from.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from groundplan.modules.azureml.catalogue import regions as azure_regions
from groundplan.modules.azureml.catalogue import sizes as azure_sizes
from groundplan.modules.contract.catalogue import MachineSize, by_name
from groundplan.modules.vertex.catalogue import regions as google_regions
from groundplan.modules.vertex.catalogue import sizes as google_sizes

SIZES = {"azureml": azure_sizes.SIZES, "vertex": google_sizes.SIZES}
REGIONS = {"azureml": azure_regions, "vertex": google_regions}
NAMES = {
    "azureml": r"Standard_[A-Z]{1,2}[0-9]+[a-z]*(_[A-Z][0-9]+)?(_v[0-9])?",
    "vertex": r"[a-z][0-9][a-z]?-[a-z]+-[0-9]+g?",
}
REGION_NAMES = {"azureml": r"[a-z]+[0-9]?", "vertex": r"[a-z]+-[a-z]+[0-9]+"}


@pytest.mark.parametrize("platform", SIZES)
def test_every_size_is_named_as_its_cloud_names_sizes_and_is_counted_under_some_family(platform: str) -> None:
    sizes = SIZES[platform]

    assert len(sizes) >= 60
    assert [name for name in sizes if not re.fullmatch(NAMES[platform], name)] == []
    assert [one.name for one in sizes.values() if not one.family or one.vcpus < 1 or one.memory_gib <= 0] == []
    assert [one.name for one in sizes.values() if bool(one.gpus) != bool(one.accelerator)] == []


@pytest.mark.parametrize("platform", REGIONS)
def test_no_region_both_has_and_lacks_machine_learning(platform: str) -> None:
    offered, lacking = REGIONS[platform].REGIONS, REGIONS[platform].WITHOUT_MACHINE_LEARNING

    assert len(offered) >= 40
    assert [name for name in (*offered, *lacking) if not re.fullmatch(REGION_NAMES[platform], name)] == []
    assert set(offered) & set(lacking) == set()


@pytest.mark.parametrize(
    "expected",
    [
        MachineSize(name="Standard_D4s_v5", family="standardDSv5Family", vcpus=4, memory_gib=16),
        MachineSize(name="Standard_DS3_v2", family="standardDSv2Family", vcpus=4, memory_gib=14),
        MachineSize(
            name="Standard_NC16as_T4_v3", family="Standard NCASv3_T4 Family", vcpus=16, memory_gib=110, gpus=1,
            accelerator="NVIDIA T4",
        ),
    ],
    ids=lambda size: size.name,
)  # fmt: skip
def test_sizes_of_azure_have_what_microsoft_says_of_them(expected: MachineSize) -> None:
    assert azure_sizes.SIZES[expected.name] == expected


@pytest.mark.parametrize(
    "expected",
    [
        MachineSize(name="n1-standard-4", family="N1/E2", vcpus=4, memory_gib=15),
        MachineSize(name="n1-highcpu-16", family="N1/E2", vcpus=16, memory_gib=14.4),
        MachineSize(
            name="g2-standard-24", family="G2", vcpus=24, memory_gib=96, gpus=2, accelerator="NVIDIA_L4"
        ),
    ],
    ids=lambda size: size.name,
)  # fmt: skip
def test_machine_types_of_google_have_what_google_says_of_them(expected: MachineSize) -> None:
    assert google_sizes.SIZES[expected.name] == expected


def test_gpus_are_attached_to_n1_machines_only() -> None:
    taking = {
        name.partition("-")[0] for name, size in google_sizes.SIZES.items() if google_sizes.takes_accelerators(size)
    }

    assert taking == {"n1"}
    assert set(google_sizes.ACCELERATORS) & {size.accelerator for size in google_sizes.SIZES.values()} == set()


def test_a_size_that_is_listed_twice_is_refused() -> None:
    size = azure_sizes.SIZES["Standard_D4s_v5"]

    with pytest.raises(ValueError, match="Standard_D4s_v5 is listed twice"):
        by_name([size, size])


def test_importing_the_catalogues_loads_no_sdk() -> None:
    program = (
        "import sys\n"
        "from groundplan.modules.azureml.catalogue import regions, sizes\n"
        "from groundplan.modules.vertex.catalogue import regions, sizes\n"
        "real = [name for name, one in sys.modules.items() if getattr(one, '__file__', None)]\n"
        "print(sorted({name.partition('.')[0] for name in real} & set(sys.argv[1:])))\n"
    )
    heavy = ["azure", "google", "kfp", "pulumi", "pulumi_azure_native", "pulumi_gcp"]

    result = subprocess.run([sys.executable, "-c", program, *heavy], check=True, capture_output=True, text=True)

    assert result.stdout == "[]\n"
