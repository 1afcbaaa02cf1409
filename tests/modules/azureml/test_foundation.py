"""The foundation at Azure: what a stack stands on."""

from __future__ import annotations

import azure_stack
import pulumi_kit

TAGS = azure_stack.TAGS
PRODUCTION = {**TAGS, "environment": "prod"}


def test_a_group_and_its_logs(default: azure_stack.Made) -> None:
    assert default["foundation-group"].properties == {
        "resourceGroupName": "rg-churn-dev-westeurope",
        "location": "westeurope",
        "tags": TAGS,
    }
    assert default["foundation-logs"].properties == {
        "workspaceName": "log-churn-dev",
        "resourceGroupName": "rg-churn-dev-westeurope",
        "location": "westeurope",
        "sku": {"name": "PerGB2018"},
        "retentionInDays": 90,
        "features": {"disableLocalAuth": True, "enableLogAccessUsingOnlyResourcePermissions": True},
        "publicNetworkAccessForIngestion": "Disabled",
        "publicNetworkAccessForQuery": "Enabled",
        "tags": TAGS,
    }
    assert pulumi_kit.depends_on(default["foundation-logs"]) == ("foundation-group",)


def test_a_public_environment_takes_logs_over_the_internet(public: azure_stack.Made) -> None:
    assert public["foundation-logs"].properties["publicNetworkAccessForIngestion"] == "Enabled"


def test_production_protects_all_that_holds_something(default: azure_stack.Made, hardened: azure_stack.Made) -> None:
    assert {name for name, one in default.items() if one.protect} == set()
    assert {name for name, one in hardened.items() if one.protect} == {
        "foundation-group", "foundation-logs", "identity-endpoint", "identity-pipeline", "identity-workspace",
        "network-clients", "network-network", "network-private-endpoints", "storage-account", "storage-artifacts",
        "storage-cache", "storage-data", "storage-requests", "workspace-insights", "workspace-vault",
        "workspace-workspace",
    }  # fmt: skip


def test_everything_that_can_carry_tags_carries_all_of_them(hardened: azure_stack.Made) -> None:
    tagged = {name for name, one in hardened.items() if one.properties.get("tags") == PRODUCTION}
    assert {name for name, one in hardened.items() if "location" in one.properties} == tagged


def test_every_resource_that_logs_sends_its_logs(hardened: azure_stack.Made) -> None:
    settings = [one for one in hardened.values() if one.type == "azure-native:monitor:DiagnosticSetting"]
    assert {one.properties["workspaceId"] for one in settings} == {"<foundation-logs.id>"}
    account = next(one for one in hardened.values() if one.type == "azure-native:storage:StorageAccount")
    services = {uri for uri in (str(one.properties["resourceUri"]) for one in settings) if uri.endswith("/default")}
    assert {uri.rpartition("/storageAccounts/")[2] for uri in services} == {
        f"{account.properties['accountName']}/{service}Services/default"
        for service in ("blob", "file", "queue", "table")
    }
    assert {one.properties["resourceUri"] for one in settings} - services == {
        "<network-network.id>",
        "<network-clients-security-group.id>",
        "<network-private-endpoints-security-group.id>",
        "<storage-account.id>",
        "<workspace-vault.id>",
        "<workspace-workspace.id>",
    }


def test_the_provider_is_bound_to_one_account() -> None:
    from groundplan.modules.azureml.provider import provider

    made = pulumi_kit.by_name(pulumi_kit.record(lambda: provider(azure_stack.context())))
    assert made["azure-native"].properties == {
        "subscriptionId": azure_stack.SUBSCRIPTION,
        "tenantId": azure_stack.TENANT,
        "location": "westeurope",
        "environment": "public",
        "disablePulumiPartnerId": "true",
    }
