"""A cloud that refuses, throttles, breaks half-way or keeps a name: what is kept, what is said, that a rerun finishes.

The refusals are worded as users of the clouds reported them; a real cloud may word them otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.stacks.engine.steps import Outcome
from groundplan.stacks.knowledge import entry, explain

import toy_cloud
from stand_in import StandIn, messages

GOOGLE_ENDPOINT = "projects/toy-dev/locations/europe-west4/endpoints/123456789"


def program(make: Callable[[Any], object]) -> Callable[[], None]:
    """A program whose resources ``make`` makes with the options that it is given."""

    def run() -> None:
        import pulumi
        import pulumi_azure_native as azure

        make(pulumi.ResourceOptions(provider=azure.Provider("azure", subscription_id=toy_cloud.SUBSCRIPTION)))

    return run


def google(make: Callable[[Any], object]) -> Callable[[], None]:
    def run() -> None:
        import pulumi
        import pulumi_gcp as gcp

        make(pulumi.ResourceOptions(provider=gcp.Provider("google", project="toy-dev", region="europe-west4")))

    return run


def workspace(options: Any) -> Any:
    import pulumi_azure_native as azure

    group = azure.resources.ResourceGroup(
        "group", resource_group_name="rg-toy-dev", location="westeurope", opts=options
    )
    return azure.machinelearningservices.Workspace(
        "workspace", workspace_name="mlw-toy-dev", resource_group_name=group.name, location="westeurope",
        identity={"type": "SystemAssigned"}, opts=options,
    )  # fmt: skip


def endpoint(options: Any) -> None:
    import pulumi_gcp as gcp

    gcp.vertex.AiEndpoint("endpoint", name="123456789", display_name="churn", location="europe-west4", opts=options)


def said(outcome: Outcome) -> str:
    assert isinstance(outcome.error, ResourceFailedError)
    return outcome.error.problems[0].message


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (messages.AZURE_QUOTA, "AZURE_CORE_QUOTA"),
        (messages.GOOGLE_QUOTA, "GOOGLE_QUOTA"),
        (messages.AZURE_THROTTLED, "AZURE_THROTTLED"),
        (messages.GOOGLE_THROTTLED, "GOOGLE_THROTTLED"),
        (messages.AZURE_PRINCIPAL_NOT_FOUND, "AZURE_PRINCIPAL_NOT_FOUND"),
        (messages.AZURE_FORBIDDEN, "AZURE_AUTHORIZATION"),
        (messages.AZURE_POLICY, "AZURE_POLICY"),
        (messages.GOOGLE_FORBIDDEN, "GOOGLE_PERMISSION"),
        (messages.GOOGLE_API_DISABLED, "GOOGLE_API_DISABLED"),
    ],
)
def test_a_refusal_that_the_stand_in_plays_is_one_that_is_explained(message: str, code: str) -> None:
    found = explain(message)

    assert found is not None
    assert found.code == code


def test_one_create_that_fails_keeps_the_others_and_the_next_up_makes_only_what_is_missing(
    cloud: StandIn, root: Path
) -> None:
    toy_cloud.change(root, accounts=["one", "two", "three"])
    driver = toy_cloud.driver(root)
    cloud.fault("error", type=":StorageAccount", name="two", message=messages.AZURE_QUOTA)

    failed = driver.up("dev", toy_cloud.program(root, "dev"))
    kept = sorted(one["urn"].rpartition("::")[2] for one in cloud.store.resources.values())
    again = driver.up("dev", toy_cloud.program(root, "dev"))

    assert "Additional requested: 8" in said(failed)
    assert failed.error is not None
    assert failed.error.hint == entry("AZURE_CORE_QUOTA").fix
    assert kept == ["group", "one", "three"]
    assert (again.error, cloud.called("Create")) == (None, ["group", "one", "three", "two", "two"])


def test_a_cloud_that_throttles_is_explained_and_what_it_let_through_is_kept(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    cloud.fault("error", type=":StorageAccount", times=2, message=messages.AZURE_THROTTLED)

    failed = [driver.up("dev", toy_cloud.program(root, "dev")) for _ in range(2)]
    again = driver.up("dev", toy_cloud.program(root, "dev"))

    hints = [one.error.hint for one in failed if one.error is not None]
    assert hints == [entry("AZURE_THROTTLED").fix] * 2
    assert (again.error, cloud.called("Create")) == (None, ["group", "one", "one", "one"])


def test_a_resource_that_exists_but_is_not_ready_is_updated_not_made_again(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    cloud.fault("init-failed", type=":StorageAccount", message="provisioning state is Failed")

    failed = driver.up("dev", toy_cloud.program(root, "dev"))
    again = driver.up("dev", toy_cloud.program(root, "dev"))

    assert "provisioning state is Failed" in said(failed)
    assert [step.degraded for step in failed.steps if step.name == "one"] == [True]
    assert again.error is None
    assert (cloud.called("Create"), cloud.called("Update")) == (["group", "one"], ["one"])


def test_a_workspace_that_was_deleted_keeps_its_name_until_it_is_purged(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    driver.up("dev", program(workspace))
    driver.destroy("dev")

    refused = driver.up("dev", program(workspace))
    cloud.store.purge()
    again = driver.up("dev", program(workspace))

    assert "Soft-deleted workspace exists" in said(refused)
    assert refused.error is not None
    assert "az ml workspace delete" in refused.error.hint
    assert again.error is None


def test_a_name_that_somebody_else_has_is_refused_with_the_way_out(cloud: StandIn, root: Path) -> None:
    other = "/subscriptions/other/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/toydevone"
    cloud.store.occupy(other, toy_cloud.ACCOUNT, accountName="toydevone")

    refused = toy_cloud.driver(root).up("dev", toy_cloud.program(root, "dev"))

    assert "StorageAccountAlreadyTaken" in said(refused)
    assert refused.error is not None
    assert refused.error.hint == entry("AZURE_NAME_TAKEN").fix


def test_an_endpoint_with_models_is_not_deleted_until_they_are_undeployed(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    driver.up("dev", google(endpoint))
    cloud.store.change(GOOGLE_ENDPOINT, {"deployedModels": [{"id": "1"}]})

    refused = driver.destroy("dev")
    there = list(cloud.store.resources)
    cloud.store.change(GOOGLE_ENDPOINT, {"deployedModels": []})
    gone = driver.destroy("dev")

    assert "has deployed or being-deployed DeployedModel" in said(refused)
    assert there == [GOOGLE_ENDPOINT]
    assert (gone.error, cloud.store.resources) == (None, {})


def test_what_lies_in_nothing_is_refused(cloud: StandIn, root: Path) -> None:
    def orphan(options: Any) -> None:
        import pulumi_azure_native as azure

        azure.managedidentity.UserAssignedIdentity(
            "identity", resource_name_="id-toy", resource_group_name="rg-nowhere", location="westeurope", opts=options
        )

    refused = toy_cloud.driver(root).up("dev", program(orphan))

    assert "ParentResourceNotFound" in said(refused)
    assert refused.error is not None
    assert refused.error.hint == entry("AZURE_PARENT_MISSING").fix


def test_a_property_that_azure_cannot_change_is_refused_and_the_state_keeps_what_is(cloud: StandIn, root: Path) -> None:
    def endpoint_with(mode: str) -> Callable[[Any], object]:
        def make(options: Any) -> object:
            import pulumi_azure_native as azure

            parent = workspace(options)
            return azure.machinelearningservices.OnlineEndpoint(
                "endpoint", endpoint_name="churn-dev", workspace_name=parent.name, resource_group_name="rg-toy-dev",
                location="westeurope", properties={"auth_mode": mode, "public_network_access": "Disabled"},
                opts=options,
            )  # fmt: skip

        return make

    driver = toy_cloud.driver(root)
    driver.up("dev", program(endpoint_with("AADToken")))

    refused = driver.up("dev", program(endpoint_with("Key")))
    back = driver.preview("dev", program(endpoint_with("AADToken")))

    assert "property properties.authMode is immutable" in said(refused)
    assert back.changes == ()
