"""Computes on Vertex AI: the inputs of what is made, in every form, and what is said where nothing is made.

Not proved: that a zone has the machine, and that an image boots with what its metadata asks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from groundplan.modules.contract.compute import ComputeArguments
from groundplan.modules.contract.identity import Principal
from groundplan.modules.vertex.catalogue.sizes import SIZES
from groundplan.modules.vertex.compute import Compute

from vertex_parts import (
    ATTACHMENT,
    DEV,
    ENCRYPTION,
    PROD,
    SUBNET,
    VPC,
    Recorded,
    account,
    labels,
    network,
    parts,
    refused,
)

OWNER = Principal(kind="user", id="person@example.com")


def made(context: Any = DEV, compute: str = "default", **arguments: Any) -> Recorded:
    return Recorded(lambda: Compute("compute", context, ComputeArguments(compute=compute, **parts(**arguments))))


def test_a_cluster_that_scales_to_zero_is_no_resource_and_says_so() -> None:
    cluster = made(compute="small", max_nodes=4)

    assert cluster.names == []
    assert cluster.titles == ["Compute small is no resource"]
    assert "n2-standard-4" in cluster.steps[0].reason
    assert (cluster.component.outputs.name, cluster.component.outputs.id) == ("churn-dev-small", "")
    assert cluster.component.outputs.machine == SIZES["n2-standard-4"]


def test_machines_that_are_kept_stand_in_the_network_with_the_workloads_identity() -> None:
    cluster = made(compute="kept_up", kind="gpu", min_nodes=1, max_nodes=3, encryption=ENCRYPTION)

    assert cluster.names == ["compute-persistent-resource"]
    assert cluster.inputs("compute-persistent-resource") == {
        "project": "acme-churn",
        "location": "europe-west4",
        "name": "churn-dev-kept-up",
        "displayName": "churn-dev-kept-up",
        "resourcePools": [
            {
                "machineSpec": {
                    "machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1
                },
                "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 100},
                "autoscalingSpec": {"minReplicaCount": "1", "maxReplicaCount": "3"},
            }
        ],
        "resourceRuntimeSpec": {"serviceAccountSpec": {"enableCustomServiceAccount": True}},
        "pscInterfaceConfig": {"networkAttachment": ATTACHMENT},
        "encryptionSpec": {"kmsKeyName": ENCRYPTION.key_id},
        "labels": labels(compute="kept_up"),
    }  # fmt: skip


def test_as_many_machines_always_need_no_scaling_and_peering_no_attachment() -> None:
    inputs = made(min_nodes=2, max_nodes=2, network=network(connection="peering")).inputs("compute-persistent-resource")

    assert inputs["resourcePools"] == [
        {
            "machineSpec": {"machineType": "n2-standard-4"},
            "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 100},
            "replicaCount": "2",
        }
    ]
    assert inputs["network"] == "projects/123456789012/global/networks/churn-dev"
    assert "pscInterfaceConfig" not in inputs


def test_a_workstation_has_no_public_address_and_stops_when_idle() -> None:
    desk = made(compute="desk", type="workstation", owner=OWNER, idle_seconds=1800)

    assert desk.names == ["compute-runtime-template", "compute-workbench"]
    assert desk.children["compute-workbench"].ignore_changes == ("desiredState",)
    assert desk.inputs("compute-workbench") == {
        "project": "acme-churn",
        "location": "europe-west4-a",
        "name": "churn-dev-desk",
        "instanceOwners": ["person@example.com"],
        "gceSetup": {
            "machineType": "n2-standard-4",
            "disablePublicIp": True,
            "enableIpForwarding": False,
            "bootDisk": {"diskSizeGb": "150", "diskType": "PD_BALANCED", "diskEncryption": "GMEK"},
            "dataDisks": {"diskSizeGb": "100", "diskType": "PD_BALANCED", "diskEncryption": "GMEK"},
            "metadata": {
                "idle-timeout-seconds": "1800",
                "notebook-disable-root": "true",
                "notebook-disable-downloads": "true",
                "notebook-disable-terminal": "true",
                "notebook-upgrade-schedule": "00 19 * * MON",
                "enable-oslogin": "TRUE",
                "block-project-ssh-keys": "TRUE",
                "serial-port-enable": "FALSE",
            },
            "shieldedInstanceConfig": {
                "enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True
            },
            "serviceAccounts": [{"email": account("workspace")}],
            "networkInterfaces": [{"network": VPC, "subnet": SUBNET}],
        },
        "labels": labels(compute="desk"),
    }  # fmt: skip


def test_notebooks_in_the_browser_run_on_the_same_machine() -> None:
    desk = made(compute="desk", type="workstation", kind="gpu", owner=OWNER, encryption=ENCRYPTION)

    assert desk.inputs("compute-runtime-template") == {
        "project": "acme-churn",
        "location": "europe-west4",
        "name": "churn-dev-desk",
        "displayName": "churn-dev-desk",
        "description": "Notebooks on the machine of compute desk",
        "machineSpec": {
            "machineType": "n1-standard-8", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1
        },
        "networkSpec": {"enableInternetAccess": False, "network": VPC, "subnetwork": SUBNET},
        "idleShutdownConfig": {"idleTimeout": "900s"},
        "shieldedVmConfig": {"enableSecureBoot": False},
        "eucConfig": {"eucDisabled": False},
        "encryptionSpec": {"kmsKeyName": ENCRYPTION.key_id},
        "labels": labels(compute="desk"),
    }  # fmt: skip


def test_a_workstation_with_a_gpu_and_an_own_key() -> None:
    """Without a secure boot, which would refuse the GPU's driver; the rest of the shield stays."""
    setup: Any = made(type="workstation", kind="gpu", encryption=ENCRYPTION).inputs("compute-workbench")["gceSetup"]
    disk = {"diskType": "PD_BALANCED", "diskEncryption": "CMEK", "kmsKey": ENCRYPTION.key_id}

    assert setup["acceleratorConfigs"] == [{"type": "NVIDIA_TESLA_T4", "coreCount": "1"}]
    assert setup["shieldedInstanceConfig"] == {
        "enableSecureBoot": False, "enableVtpm": True, "enableIntegrityMonitoring": True,
    }  # fmt: skip
    assert (setup["bootDisk"], setup["dataDisks"]) == ({**disk, "diskSizeGb": "150"}, {**disk, "diskSizeGb": "100"})


def test_the_cloud_stops_no_workstation_before_ten_minutes() -> None:
    setup: Any = made(type="workstation", idle_seconds=60).inputs("compute-workbench")["gceSetup"]

    assert setup["metadata"]["idle-timeout-seconds"] == "600"


@pytest.mark.parametrize(
    ("region", "zone"),
    [("europe-west1", "europe-west1-b"), ("us-east1", "us-east1-b"), ("us-central1", "us-central1-a")],
)
def test_a_workstation_stands_in_a_zone_that_the_region_has(region: str, zone: str) -> None:
    desk = made(replace(DEV, region=region), type="workstation")

    assert desk.inputs("compute-workbench")["location"] == zone


@pytest.mark.parametrize(("context", "protected"), [(DEV, False), (PROD, True)])
def test_what_people_keep_on_a_workstation_is_protected_in_production(context: Any, protected: bool) -> None:
    assert made(context, type="workstation").children["compute-workbench"].protect is protected


@pytest.mark.parametrize("arguments", [{"min_nodes": 0}, {"min_nodes": 1}, {"type": "workstation"}])
def test_spare_capacity_is_said_to_be_missing(arguments: dict[str, Any]) -> None:
    assert "Compute default does not run on spare capacity" in made(spot=True, **arguments).titles


def test_a_size_that_the_list_has_not_is_passed_on() -> None:
    desk = made(size="z9-standard-1", min_nodes=1)
    pools: Any = desk.inputs("compute-persistent-resource")["resourcePools"]

    assert pools[0]["machineSpec"] == {"machineType": "z9-standard-1"}
    assert desk.component.outputs.machine is None


@pytest.mark.parametrize("access", ["private", "public"])
@pytest.mark.parametrize("encryption", [None, ENCRYPTION])
@pytest.mark.parametrize("arguments", [{"min_nodes": 1, "max_nodes": 2}, {"type": "workstation", "kind": "gpu"}])
def test_google_would_take_it(access: Any, encryption: Any, arguments: dict[str, Any]) -> None:
    recorded = made(access=access, encryption=encryption, **arguments)

    assert refused(recorded.resources) == []
