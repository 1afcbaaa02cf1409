"""Machines that go: which cuts are named. The whole way through the engine is in tests/cli/test_cloud.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from groundplan.modules.contract.rules import TypeRules
from groundplan.stacks.engine.machines import Cut, cut_of, most
from groundplan.stacks.engine.steps import Change, Step
from groundplan.stacks.planning import rules

import toy_cloud

AZURE, GOOGLE = rules.of_platform("azureml"), rules.of_platform("vertex")
CLUSTER = AZURE["azure-native:machinelearningservices:Compute"]
DEPLOYMENT = AZURE["azure-native:machinelearningservices:OnlineDeployment"]
SCALE = AZURE["azure-native:monitor:AutoscaleSetting"]
KEPT = GOOGLE["gcp:vertex/aiPersistentResource:AiPersistentResource"]
POOL = GOOGLE["gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool"]


def nodes(count: int) -> dict[str, Any]:
    return {"properties": {"properties": {"scaleSettings": {"minNodeCount": 0, "maxNodeCount": count}}}}


def step(change: Change, inputs: Mapping[str, object]) -> Step:
    return Step(change=change, urn=toy_cloud.urn("dev", "one"), type="t", inputs=inputs)


@pytest.mark.parametrize(
    ("rule", "inputs", "expected"),
    [
        (CLUSTER, nodes(4), 4),
        (CLUSTER, {"properties": {"computeType": "ComputeInstance", "properties": {}}}, None),
        (CLUSTER, nodes(4) | {"properties": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, None),
        (DEPLOYMENT, {"sku": {"name": "Default", "capacity": 3.0}}, 3),
        (SCALE, {"profiles": [{"capacity": {"maximum": "4"}}, {"capacity": {"maximum": "2"}}]}, 6),
        (KEPT, {"resourcePools": [{"replicaCount": "2"}, {"replicaCount": "1"}]}, 3),
        (KEPT, {"resourcePools": [{"autoscalingSpec": {"minReplicaCount": "1", "maxReplicaCount": "5"}}]}, 5),
        (POOL, {"dedicatedResources": {"minReplicaCount": 1, "maxReplicaCount": 4}}, 4),
        (POOL, {"dedicatedResources": {"maxReplicaCount": "unknown"}}, None),
        (TypeRules(source="made up for tests"), nodes(4), None),
    ],
)
def test_the_most_machines_are_read_where_each_type_says_them(
    rule: TypeRules, inputs: dict[str, Any], expected: int | None
) -> None:
    assert most(rule, inputs) == expected


@pytest.mark.parametrize(
    ("change", "before", "after", "expected"),
    [
        ("update", 10, 1, Cut(before=10, after=1)),
        ("update", 3, 1, Cut(before=3, after=1)),
        ("update", 2, 1, None),
        ("update", 1, 10, None),
        ("replace", 10, 1, Cut(before=10, after=1)),
        ("delete", 10, 10, Cut(before=10, after=0)),
        ("create", 10, 1, None),
        ("same", 10, 1, None),
    ],
)
def test_a_cut_to_less_than_half_and_the_end_of_all_are_named(
    change: Change, before: int, after: int, expected: Cut | None
) -> None:
    assert cut_of(step(change, nodes(after)), CLUSTER, nodes(before)) == expected


def test_what_the_state_does_not_know_is_not_cut() -> None:
    assert cut_of(step("update", nodes(1)), CLUSTER, {}) is None
    assert cut_of(step("update", nodes(1)), None, nodes(10)) is None
