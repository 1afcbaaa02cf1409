"""The stand-in clouds themselves: they refuse what the clouds' descriptions refuse, or the other tests prove nothing.

That the clouds refuse the same is as good as their published descriptions, and no better.
"""

from __future__ import annotations

import copy
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.modules.azureml.catalogue import ids as azure_ids
from groundplan.modules.vertex.catalogue import ids as google_ids

from stand_in import StandIn, azure_description
from stand_in.facts import Account
from stand_in.provider import Refused, facts_of, refusals

needs_descriptions = pytest.mark.skipif(
    not azure_description.SPECS.is_dir(), reason="the clouds' published descriptions are not beside the project"
)

ENDPOINT: dict[str, Any] = {
    "resourceGroupName": "rg-toy-dev", "workspaceName": "mlw-toy-dev", "endpointName": "churn-dev",
    "location": "westeurope", "properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled"},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/subscriptions/s/i"]},
}  # fmt: skip
COMPUTE: dict[str, Any] = {
    "resourceGroupName": "rg-toy-dev", "workspaceName": "mlw-toy-dev", "computeName": "cpu", "location": "westeurope",
    "properties": {"computeType": "AmlCompute", "properties": {
        "vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 2, "minNodeCount": 0}}},
}  # fmt: skip
ACCOUNT: dict[str, Any] = {
    "resourceGroupName": "rg-toy-dev", "accountName": "sttoydev", "location": "westeurope", "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
}  # fmt: skip
VERTEX_ENDPOINT: dict[str, Any] = {"name": "123456789", "displayName": "churn", "location": "europe-west4"}
POOL: dict[str, Any] = {"workloadIdentityPoolId": "toy-ci", "project": "toy-dev"}

TOKENS: Mapping[str, dict[str, Any]] = {
    "azure-native:machinelearningservices:OnlineEndpoint": ENDPOINT,
    "azure-native:machinelearningservices:Compute": COMPUTE,
    "azure-native:storage:StorageAccount": ACCOUNT,
    "gcp:vertex/aiEndpoint:AiEndpoint": VERTEX_ENDPOINT,
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": POOL,
}


def refused(token: str, changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Path and reason of each refusal after these changes; None takes a property away."""
    inputs = copy.deepcopy(TOKENS[token])
    for path, value in changes.items():
        *parents, last = path.split(".")
        at = inputs
        for name in parents:
            at = at[name]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return [(one.path, one.reason) for one in refusals(token, inputs)]


@pytest.mark.parametrize("token", TOKENS)
def test_what_the_cloud_takes_is_taken(token: str) -> None:
    assert refused(token, {}) == []


@pytest.mark.parametrize(
    ("token", "changes", "path", "reason"),
    [
        ("azure-native:machinelearningservices:OnlineEndpoint", {"properties.trafic": {}}, "properties.trafic",
         "unknown property; nearest: traffic"),
        ("azure-native:machinelearningservices:OnlineEndpoint", {"systemData": {}}, "systemData", "read-only property"),
        ("azure-native:machinelearningservices:OnlineEndpoint", {"properties.authMode": None}, "properties.authMode",
         "missing required property"),
        ("azure-native:machinelearningservices:OnlineEndpoint", {"properties.authMode": "Nope"}, "properties.authMode",
         "'Nope' is not one of AMLToken, Key, AADToken"),
        ("azure-native:machinelearningservices:OnlineEndpoint", {"properties.traffic": {"blue": "100"}},
         "properties.traffic.blue", "expected a value of type integer, got '100'"),
        ("azure-native:machinelearningservices:Compute", {"properties.computeType": "Amlcompute"}, "properties",
         "none of the known kinds"),
        ("azure-native:machinelearningservices:Compute", {"properties.properties.scaleSettings.maxNodeCount": None},
         "properties.properties.scaleSettings.maxNodeCount", "missing required property"),
        ("azure-native:machinelearningservices:Compute", {"properties.properties.scaleSettings.maxNodeCount": 1.5},
         "properties.properties.scaleSettings.maxNodeCount", "expected a value of type integer, got 1.5"),
        ("azure-native:storage:StorageAccount", {"allowBlobPublicAccess": "no"}, "allowBlobPublicAccess",
         "expected a value of type boolean, got 'no'"),
        ("azure-native:storage:StorageAccount", {"sku": "Standard_LRS"}, "sku", "expected an object"),
        ("azure-native:storage:StorageAccount", {"tags": ["a"]}, "tags", "expected a map, got ['a']"),
        ("gcp:vertex/aiEndpoint:AiEndpoint", {"displayName": None}, "displayName", "missing required property"),
        ("gcp:vertex/aiEndpoint:AiEndpoint", {"createTime": "now"}, "createTime", "read-only property"),
    ],
)  # fmt: skip
def test_what_the_sdk_does_not_describe_is_refused(
    token: str, changes: Mapping[str, Any], path: str, reason: str
) -> None:
    found = refused(token, changes)

    assert [one[0] for one in found] == [path]
    assert found[0][1].startswith(reason)


@needs_descriptions
@pytest.mark.parametrize(
    ("token", "changes", "path"),
    [
        ("azure-native:storage:StorageAccount", {"accountName": "St-Toy"}, "name"),
        ("azure-native:storage:StorageAccount", {"accountName": "st"}, "name"),
        ("azure-native:machinelearningservices:Compute", {"computeName": "cpu-cluster-1"}, "name"),
        ("gcp:iam/workloadIdentityPool:WorkloadIdentityPool", {"workloadIdentityPoolId": "gcp-pool"},
         "workloadIdentityPoolId"),
        ("gcp:vertex/aiEndpoint:AiEndpoint", {"network": "n", "privateServiceConnectConfig":
         {"enablePrivateServiceConnect": True}}, "privateServiceConnectConfig"),
    ],
)  # fmt: skip
def test_what_the_cloud_s_description_rules_out_is_refused(token: str, changes: Mapping[str, Any], path: str) -> None:
    assert path in [one[0] for one in refused(token, changes)]


def test_a_type_that_no_sdk_has_is_refused() -> None:
    with pytest.raises(Refused, match="unknown resource type azure-native:storage:Nothing"):
        list(refusals("azure-native:storage:Nothing", {}))


@needs_descriptions
def test_the_ids_of_azure_follow_the_published_types() -> None:
    # What the selection of descriptions leaves out.
    unpublished = {
        "azure-native:machinelearningservices:CodeVersion",
        "azure-native:monitor:AutoscaleSetting",
        "azure-native:storage:BlobServiceProperties",
    }
    described = azure_description.kinds()

    assert {token for token in azure_ids.IDS if facts_of(token).kind.lower() not in described} == unpublished


@pytest.mark.parametrize("token", [*azure_ids.IDS, *google_ids.IDS])
def test_the_names_in_an_id_are_inputs_of_the_type(token: str) -> None:
    # From the SDK's files: importing all of them takes longer than every other test here.
    package, module, cls = token.split(":")
    library = importlib.util.find_spec(f"pulumi_{package.replace('-', '_')}")
    assert library is not None
    assert library.origin is not None
    file = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls).lower()
    text = (Path(library.origin).parent / module.partition("/")[0].lower() / f"{file}.py").read_text(encoding="utf-8")
    names = azure_ids.names(token) if token in azure_ids.IDS else google_ids.names(token)

    assert [name for name in names if f'getter(name="{name}")' not in text and f"def {name}(self)" not in text] == []


def test_an_id_is_worked_out_only_when_all_its_names_are_known() -> None:
    assert azure_ids.resource_id("azure-native:storage:StorageAccount", {"accountName": "a"}, "s") == ""
    assert azure_ids.resource_id("azure-native:storage:Nothing", ACCOUNT, "s") == ""
    assert azure_ids.resource_id("azure-native:storage:StorageAccount", ACCOUNT, "s") == (
        "/subscriptions/s/resourceGroups/rg-toy-dev/providers/Microsoft.Storage/storageAccounts/sttoydev"
    )
    assert google_ids.resource_id("gcp:storage/bucket:Bucket", {}, "toy-dev") == ""
    assert google_ids.resource_id("gcp:vertex/aiEndpoint:AiEndpoint", VERTEX_ENDPOINT, "toy-dev") == (
        "projects/toy-dev/locations/europe-west4/endpoints/123456789"
    )


def test_what_a_resource_lies_in_is_worked_out() -> None:
    endpoint = facts_of("azure-native:machinelearningservices:OnlineEndpoint")
    container = facts_of("azure-native:storage:BlobContainer")
    role = facts_of("azure-native:authorization:RoleAssignment")
    account = Account(subscription="s")

    id = endpoint.identify(ENDPOINT, account)

    workspace = "/subscriptions/s/resourceGroups/rg-toy-dev/providers/Microsoft.MachineLearningServices/workspaces/w"
    storage = "/subscriptions/s/resourceGroups/rg-toy-dev/providers/Microsoft.Storage/storageAccounts/sttoydev"
    assert endpoint.parent(id) == workspace[:-1] + "mlw-toy-dev"
    assert endpoint.parent(workspace) == "/subscriptions/s/resourceGroups/rg-toy-dev"
    assert container.parent(f"{storage}/blobServices/default/containers/c") == storage
    assert container.parent(f"{storage}/blobServices/default") == storage
    assert role.parent(f"{storage}/providers/Microsoft.Authorization/roleAssignments/g") == storage


def test_google_draws_another_number_for_each_resource_also_where_two_are_alike() -> None:
    channel = facts_of("gcp:monitoring/notificationChannel:NotificationChannel")
    labels = {"type": "email", "labels": {"email_address": "oncall@example.com"}}

    drawn = [channel.identify(labels, Account(project="toy-dev")) for _ in range(2)]

    assert drawn[0] != drawn[1]
    assert [one.rpartition("/")[0] for one in drawn] == ["projects/toy-dev/notificationChannels"] * 2


@pytest.mark.parametrize("token", ["gcp:made/up:Up", "azure-native:made:Up"])
def test_an_id_does_not_depend_on_the_order_in_which_settings_arrive(token: str) -> None:
    one, two = {"labels": {"a": "1", "b": "2"}}, {"labels": {"b": "2", "a": "1"}}

    assert facts_of(token).identify(one, Account()) == facts_of(token).identify(two, Account())


def test_the_store_is_whole_for_whoever_reads_it(tmp_path: Path) -> None:
    cloud = StandIn(tmp_path)

    with pytest.raises(TypeError), cloud.store.changing() as content:
        content["reserved"]["/a"] = cast("str", object())
    cloud.store.occupy("/a/b", "t", name="b", nested={"x": 1})
    cloud.store.change("/a/b", {"nested.x": 2, "name": None})

    assert cloud.store.reserved == {}
    assert cloud.store.resources["/a/b"]["inputs"] == {"nested": {"x": 2}}
