"""The quota that a plan needs at Azure. Not proved: what a subscription has, and which sizes need no reserve."""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.modules.azureml.quota import LOW_PRIORITY, quota
from groundplan.modules.contract.planned import PlannedResource, QuotaNeed, Secret, Unknown

ML = "azure-native:machinelearningservices"
DSV2 = "standardDSv2Family"


def cluster(name: str, nodes: int, size: str = "Standard_DS3_v2", **changes: Any) -> PlannedResource:
    settings: dict[str, Any] = {"vmSize": size, "vmPriority": "Dedicated", "scaleSettings": {"maxNodeCount": nodes}}
    return PlannedResource(
        urn=name, name=name, type=f"{ML}:Compute",
        properties={"location": "westeurope", "properties": {"properties": settings | changes}},
    )  # fmt: skip


def endpoint(name: str, most: int, size: str = "Standard_DS3_v2", location: str = "westeurope") -> PlannedResource:
    return PlannedResource(
        urn=name, name=name, type=f"{ML}:OnlineEndpoint",
        properties={"location": location, "tags": {"machine-type": size, "max-instances": str(most)}},
    )  # fmt: skip


def need(amount: int, *reasons: str, family: str = DSV2, region: str = "westeurope") -> QuotaNeed:
    return QuotaNeed(family=family, region=region, amount=amount, unit="vCPU", reasons=reasons)


def rollout(name: str) -> str:
    return f"{name}, both deployments of a rollout and Azure's reserve of 20 %"


def test_clusters_and_workstations_of_a_family_are_counted_together() -> None:
    desk = cluster("desk", 1)
    settings: Any = desk.properties["properties"]
    del settings["properties"]["scaleSettings"]

    assert quota([cluster("b", 4), cluster("a", 2, "Standard_DS4_v2"), desk]) == (need(16 + 16 + 4, "a", "b", "desk"),)


def test_spare_capacity_has_a_quota_of_its_own() -> None:
    made = quota([cluster("own", 1), cluster("spare", 3, "Standard_NC4as_T4_v3", vmPriority="LowPriority")])

    assert made == (need(12, "spare", family=LOW_PRIORITY), need(4, "own"))


@pytest.mark.parametrize(("most", "machines"), [(1, 2), (4, 5), (5, 6), (6, 8), (10, 12)])
def test_an_endpoint_needs_a_fifth_more_and_room_for_a_rollout(most: int, machines: int) -> None:
    assert quota([endpoint("churn", most)]) == (need(2 * machines * 4, rollout("churn")),)


def test_regions_and_families_are_apart() -> None:
    made = quota(
        [endpoint("here", 1), endpoint("there", 1, location="westus"), endpoint("gpu", 1, "Standard_NC4as_T4_v3")]
    )

    assert made == (
        need(16, rollout("gpu"), family="Standard NCASv3_T4 Family"),
        need(16, rollout("here")),
        need(16, rollout("there"), region="westus"),
    )


@pytest.mark.parametrize("value", [Unknown(), Secret(digest="d")])
def test_what_is_not_shown_is_not_counted(value: object) -> None:
    hidden = PlannedResource(
        urn="e", name="e", type=f"{ML}:OnlineEndpoint", properties={"location": "westeurope", "tags": value}
    )

    assert quota([hidden, cluster("c", 1, scaleSettings={"maxNodeCount": value}), cluster("d", 1, vmSize=value)]) == ()


def test_what_uses_no_known_machine_needs_no_quota() -> None:
    batch = PlannedResource(urn="b", name="b", type=f"{ML}:BatchEndpoint", properties={"location": "westeurope"})
    overridden = PlannedResource(urn="o", name="o", type=f"{ML}:OnlineEndpoint", properties={"location": "westeurope"})

    assert quota([batch, overridden, cluster("new", 4, "Standard_Q1_v9")]) == ()
