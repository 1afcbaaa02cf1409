"""Which machines are named where a cloud has no more of those that were asked for; from the catalogues as they are."""

from __future__ import annotations

from operator import attrgetter

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.modules.azureml.catalogue.sizes import SIZES
from groundplan.modules.contract.catalogue import MachineSize
from groundplan.stacks.engine import errors
from groundplan.stacks.engine.steps import Step
from groundplan.stacks.knowledge.machines import others

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
QUOTA = "Not enough quota available for Standard_F4s_v2 in SubscriptionId 00000000-0000-4000-8000-000000000000."


def of(size: str, type: str = DEPLOYMENT) -> str:
    return others(type, {"properties": {"instances": [{"instanceType": size}]}})


def test_machines_that_do_as_much_under_another_quota_are_named_nearest_first() -> None:
    assert of("Standard_F4s_v2") == (
        "Instead of Standard_F4s_v2 (standardFSv2Family), counted under another quota, where the region has them: "
        "Standard_DS3_v2 (standardDSv2Family), Standard_D4ads_v5 (standardDADSv5Family), "
        "Standard_D4ads_v6 (standardDadv6Family)."
    )


@pytest.mark.parametrize("asked", SIZES.values(), ids=attrgetter("name"))
def test_no_machine_is_named_that_does_less_or_is_counted_alike(asked: MachineSize) -> None:
    named = [SIZES[word] for word in of(asked.name).replace("(", "").split() if word in SIZES and word != asked.name]

    assert [one.name for one in named if one.family == asked.family] == []
    assert [one.name for one in named if one.vcpus < asked.vcpus or one.memory_gib < asked.memory_gib] == []
    assert [one.name for one in named if (one.gpus < asked.gpus if asked.gpus else one.gpus)] == []
    assert len({one.family for one in named}) == len(named) <= 3


@pytest.mark.parametrize(
    ("size", "type"),
    [
        ("Standard_F4s_v2", "gcp:compute/instance:Instance"),
        ("Standard_F4s_v2", "random:index:Id"),
        ("huge", DEPLOYMENT),
    ],
)
def test_a_machine_that_the_catalogue_does_not_know_leads_nowhere(size: str, type: str) -> None:
    assert of(size, type) == ""


@pytest.mark.parametrize(("said", "instead"), [(QUOTA, True), ("ResourceNotFound: the workspace is gone", False)])
def test_a_resource_that_failed_for_want_of_machines_says_which_there_are(said: str, instead: bool) -> None:
    step = Step(change="create", urn=f"urn:pulumi:dev::churn::{DEPLOYMENT}::blue", type=DEPLOYMENT,
                inputs={"instanceType": "Standard_F4s_v2"}, error=said)  # fmt: skip

    found = errors.failed([step])

    assert isinstance(found, ResourceFailedError)
    assert ("Standard_DS3_v2 (standardDSv2Family)" in found.hint) is instead
