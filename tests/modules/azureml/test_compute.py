"""Computes at Azure ML. Not proved: that a size is offered in the region, and that there is quota for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.modules.azureml.catalogue.sizes import SIZES
from groundplan.modules.azureml.compute import Compute, cluster_name
from groundplan.modules.azureml.rules.compute import RULES
from groundplan.modules.contract.compute import ComputeArguments
from groundplan.modules.contract.identity import Principal
from hypothesis import given
from hypothesis import strategies as st

import azure_capability as kit
import azure_stack

PERSON = Principal(kind="user", id=azure_stack.USER)


def compute(*, public: bool = False, **wanted: Any) -> kit.Capability[Compute]:
    def build(base: kit.Base) -> Compute:
        arguments = ComputeArguments(compute="default", **base.common, **wanted)
        return Compute("compute-default", base.context, arguments)

    return kit.make(build, public=public)


def test_a_cluster_scales_to_zero_and_has_no_address_and_no_login() -> None:
    found = compute(max_nodes=4, idle_seconds=300)
    cluster = found.made["compute-default-cluster"]

    assert found.types() == {"compute-default-cluster": "machinelearningservices:Compute"}
    assert found.inputs("compute-default-cluster") == {
        **kit.PLACE,
        "computeName": "default-x233b",
        "location": "westeurope",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["<pipeline>"]},
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": {
                "osType": "Linux",
                "vmSize": "Standard_DS3_v2",
                "vmPriority": "Dedicated",
                "enableNodePublicIp": False,
                "remoteLoginPortPublicAccess": "Disabled",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT300S"},
            },
        },
        "tags": kit.TAGS,
    }
    assert cluster.delete_before_replace
    assert not cluster.protect
    assert found.waits_for("compute-default-cluster") == {kit.ENVIRONMENT}
    assert found.component.outputs.machine == SIZES["Standard_DS3_v2"]


def test_a_cluster_with_gpus_on_spare_capacity() -> None:
    properties = compute(kind="gpu", spot=True).inputs("compute-default-cluster")["properties"]["properties"]

    assert (properties["vmSize"], properties["vmPriority"]) == ("Standard_NC4as_T4_v3", "LowPriority")


def test_a_public_environment_opens_no_cluster() -> None:
    properties = compute(public=True).inputs("compute-default-cluster")["properties"]

    assert properties["disableLocalAuth"] is True
    assert properties["properties"]["enableNodePublicIp"] is False
    assert properties["properties"]["remoteLoginPortPublicAccess"] == "Disabled"


def test_another_size_is_another_cluster() -> None:
    first, larger = compute(), compute(max_nodes=9, min_nodes=1)
    other_size, spare = compute(size="Standard_D4s_v5"), compute(spot=True)

    assert first.component.outputs.name == larger.component.outputs.name
    assert len({one.component.outputs.name for one in (first, other_size, spare)}) == 3


def test_a_workstation_is_its_owners_alone_and_stops_when_idle() -> None:
    found = compute(type="workstation", owner=PERSON, idle_seconds=1800)

    assert found.inputs("compute-default-workstation") == {
        **kit.PLACE,
        "computeName": found.component.outputs.name,
        "location": "westeurope",
        "properties": {
            "computeType": "ComputeInstance",
            "disableLocalAuth": True,
            "properties": {
                "vmSize": "Standard_DS3_v2",
                "applicationSharingPolicy": "Personal",
                "computeInstanceAuthorizationType": "personal",
                "personalComputeInstanceSettings": {
                    "assignedUser": {"objectId": azure_stack.USER, "tenantId": azure_stack.TENANT}
                },
                "enableNodePublicIp": False,
                "enableSSO": True,
                "idleTimeBeforeShutdown": "PT1800S",
                "sshSettings": {"sshPublicAccess": "Disabled"},
            },
        },
        "tags": kit.TAGS,
    }


@pytest.mark.parametrize("owner", [None, Principal(kind="group", id=azure_stack.GROUP)])
def test_a_workstation_needs_a_person(owner: Principal | None) -> None:
    with pytest.raises(UsageError, match="the workstation 'default' needs a person as its owner"):
        compute(type="workstation", owner=owner)


@pytest.mark.parametrize("seconds", [899, 259_201])
def test_a_workstation_stops_within_azures_limits(seconds: int) -> None:
    with pytest.raises(UsageError, match=f"cannot stop after {seconds} seconds of idleness"):
        compute(type="workstation", owner=PERSON, idle_seconds=seconds)


@given(st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,8}", fullmatch=True), st.sampled_from(sorted(SIZES)), st.booleans())
def test_any_short_name_of_the_config_makes_a_name_that_azure_takes(name: str, size: str, spot: bool) -> None:
    rule = RULES["azure-native:machinelearningservices:Compute"].name
    assert rule is not None
    made = cluster_name(name, size, spot=spot)

    assert re.fullmatch(rule.pattern, made)
    assert rule.minimum <= len(made) <= rule.maximum
