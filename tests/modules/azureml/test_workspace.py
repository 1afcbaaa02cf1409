"""The workspace at Azure ML, and what it needs before it exists. Not proved: that these roles are enough for Azure."""

from __future__ import annotations

from groundplan.modules.azureml import roles
from groundplan.modules.azureml.outbound import rule_name
from groundplan.modules.azureml.workspace import Workspace
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.workspace import WorkspaceArguments

import azure_stack
import pulumi_kit

CLOSED = {
    "workspaceName": "mlw-churn-dev",
    "resourceGroupName": "rg-churn-dev-westeurope",
    "location": "westeurope",
    "kind": "Default",
    "sku": {"name": "Basic", "tier": "Basic"},
    "friendlyName": "churn dev",
    "storageAccount": "<storage-account.id>",
    "keyVault": "<workspace-vault.id>",
    "applicationInsights": "<workspace-insights.id>",
    "containerRegistry": azure_stack.REGISTRY.images_id,
    "identity": {
        "type": "UserAssigned",
        "userAssignedIdentities": ["<identity-workspace.id>", "<identity-pipeline.id>"],
    },
    "primaryUserAssignedIdentity": "<identity-workspace.id>",
    "systemDatastoresAuthMode": "Identity",
    "publicNetworkAccess": "Disabled",
    "managedNetwork": {"enableNetworkMonitor": False, "isolationMode": "AllowOnlyApprovedOutbound"},
    "provisionNetworkNow": True,
    "serverlessComputeSettings": {"serverlessComputeNoPublicIP": True},
    "v1LegacyMode": False,
    "hbiWorkspace": False,
    "tags": azure_stack.TAGS,
}


def test_the_workspace_is_closed(default: azure_stack.Made) -> None:
    assert default["workspace-workspace"].properties == CLOSED


def test_public_opens_the_workspace_and_its_way_out(public: azure_stack.Made) -> None:
    assert public["workspace-workspace"].properties == {
        **CLOSED,
        "publicNetworkAccess": "Enabled",
        "managedNetwork": {"enableNetworkMonitor": False, "isolationMode": "AllowInternetOutbound"},
    }


def test_a_key_of_ones_own_encrypts_the_workspace(hardened: azure_stack.Made) -> None:
    assert hardened["workspace-workspace"].properties["encryption"] == {
        "status": "Enabled",
        "identity": {"userAssignedIdentity": "<identity-workspace.id>"},
        "keyVaultProperties": {
            "keyVaultArmId": azure_stack.KEY.vault_id,
            "keyIdentifier": azure_stack.KEY.version_id,
            "identityClientId": "<identity-workspace.clientId>",
        },
    }


def test_the_workspace_waits_for_the_roles_of_its_identity(default: azure_stack.Made) -> None:
    waits_for = set(pulumi_kit.depends_on(default["workspace-workspace"]))
    assert waits_for >= {
        "storage-workspace-blobs", "storage-workspace-files", "workspace-workspace-group", "workspace-workspace-images",
        "workspace-workspace-images-network", "workspace-workspace-insights", "workspace-workspace-models-network",
        "workspace-workspace-network", "workspace-workspace-secrets",
    }  # fmt: skip


def test_the_identities_get_what_they_need_around_the_workspace(default: azure_stack.Made) -> None:
    names = {role.guid: role.name for role in roles.BUILT_IN}
    given = {
        name.removeprefix("workspace-"): (
            names[str(one.properties["roleDefinitionId"]).rpartition("/")[2]],
            str(one.properties["scope"]).rpartition("/")[2],
            one.properties["principalType"],
        )
        for name, one in default.items()
        if name.startswith("workspace-") and one.type == "azure-native:authorization:RoleAssignment"
    }
    approver = "Azure AI Enterprise Network Connection Approver"
    assert given == {
        "workspace-group": ("Reader", "rg-churn-dev-westeurope", "ServicePrincipal"),
        "workspace-network": (approver, "rg-churn-dev-westeurope", "ServicePrincipal"),
        "workspace-secrets": ("Key Vault Secrets Officer", "<workspace-vault.id>", "ServicePrincipal"),
        "workspace-insights": (
            "Application Insights Component Contributor", "<workspace-insights.id>", "ServicePrincipal",
        ),
        "workspace-images": ("AcrPush", "crchurn", "ServicePrincipal"),
        "workspace-images-network": (approver, "crchurn", "ServicePrincipal"),
        "workspace-models-network": (approver, "mlr-churn", "ServicePrincipal"),
        "pipeline-images": ("AcrPull", "crchurn", "ServicePrincipal"),
        "endpoint-images": ("AcrPull", "crchurn", "ServicePrincipal"),
        "endpoint-metrics": ("AzureML Metrics Writer (preview)", "<workspace-workspace.id>", "ServicePrincipal"),
        "endpoint-telemetry": ("Monitoring Metrics Publisher", "<workspace-insights.id>", "ServicePrincipal"),
    }  # fmt: skip


def test_telemetry_needs_an_identity_and_lands_with_the_logs(default: azure_stack.Made) -> None:
    assert default["workspace-insights"].properties == {
        "resourceName": "appi-churn-dev",
        "resourceGroupName": "rg-churn-dev-westeurope",
        "location": "westeurope",
        "kind": "web",
        "applicationType": "web",
        "flowType": "Bluefield",
        "requestSource": "rest",
        "ingestionMode": "LogAnalytics",
        "workspaceResourceId": "<foundation-logs.id>",
        "disableLocalAuth": True,
        "disableIpMasking": False,
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "tags": azure_stack.TAGS,
    }


def test_each_container_has_a_datastore_without_a_key(default: azure_stack.Made, public: azure_stack.Made) -> None:
    stores = pulumi_kit.of_type(list(default.values()), "azure-native:machinelearningservices:Datastore")
    assert stores == {
        f"workspace-datastore-{name}": {
            "name": name,
            "workspaceName": "mlw-churn-dev",
            "resourceGroupName": "rg-churn-dev-westeurope",
            "skipValidation": True,
            "properties": {
                "datastoreType": "AzureBlob",
                "accountName": default["storage-account"].properties["accountName"],
                "containerName": name,
                "endpoint": "core.windows.net",
                "protocol": "https",
                "resourceGroup": "rg-churn-dev-westeurope",
                "subscriptionId": azure_stack.SUBSCRIPTION,
                "credentials": {"credentialsType": "None"},
                "serviceDataAccessAuthIdentity": "WorkspaceUserAssignedIdentity",
                "tags": azure_stack.TAGS,
            },
        }
        for name in ("data", "artifacts", "cache", "requests")
    }
    assert "workspace-datastore-requests" not in public


def test_only_what_is_approved_may_be_reached_one_rule_after_another(
    hardened: azure_stack.Made, public: azure_stack.Made
) -> None:
    token = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
    common = {"workspaceName": "mlw-churn-prod", "resourceGroupName": "rg-churn-prod-westeurope"}
    assert pulumi_kit.of_type(list(hardened.values()), token) == {
        "workspace-outbound-model-registry": {
            **common,
            "ruleName": "model-registry",
            "properties": {
                "type": "PrivateEndpoint",
                "category": "UserDefined",
                "destination": {
                    "serviceResourceId": azure_stack.REGISTRY.id,
                    "subresourceTarget": "amlregistry",
                    "sparkEnabled": False,
                },
            },
        },
        "workspace-outbound-host-pypi-org": {
            **common,
            "ruleName": "host-pypi-org",
            "properties": {"type": "FQDN", "category": "UserDefined", "destination": "pypi.org"},
        },
        "workspace-outbound-host-any-conda-io": {
            **common,
            "ruleName": "host-any-conda-io",
            "properties": {"type": "FQDN", "category": "UserDefined", "destination": "*.conda.io"},
        },
    }
    chain = ["workspace-workspace", *(f"workspace-outbound-{one}" for one in ("model-registry", "host-pypi-org"))]
    made = ["model-registry", "host-pypi-org", "host-any-conda-io"]
    assert all(
        earlier in pulumi_kit.depends_on(hardened[f"workspace-outbound-{later}"])
        for earlier, later in zip(chain, made, strict=True)
    )
    assert pulumi_kit.of_type(list(public.values()), token) == {}
    assert rule_name("*.Conda.IO") == "host-any-conda-io"


def test_hosts_by_name_take_the_smallest_firewall(hardened: azure_stack.Made) -> None:
    assert hardened["workspace-workspace"].properties["managedNetwork"] == {
        "enableNetworkMonitor": False,
        "firewallSku": "Basic",
        "isolationMode": "AllowOnlyApprovedOutbound",
    }


def test_the_vault_is_closed_unless_all_is_public(default: azure_stack.Made, public: azure_stack.Made) -> None:
    vault = {
        "tenantId": azure_stack.TENANT,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "enablePurgeProtection": True,
        "softDeleteRetentionInDays": 90,
        "enabledForDeployment": False,
        "enabledForDiskEncryption": False,
        "enabledForTemplateDeployment": False,
        "publicNetworkAccess": "Disabled",
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny"},
    }
    assert default["workspace-vault"].properties["properties"] == vault
    assert public["workspace-vault"].properties["properties"] == {
        **vault,
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"},
    }


def test_the_private_workspace_has_an_address_and_both_its_names(hardened: azure_stack.Made) -> None:
    assert hardened["workspace-api-private-endpoint"].properties["privateLinkServiceConnections"] == [
        {"name": "api", "privateLinkServiceId": "<workspace-workspace.id>", "groupIds": ["amlworkspace"]}
    ]
    assert hardened["workspace-api-zone-group"].properties["privateDnsZoneConfigs"] == [
        {"name": one.replace(".", "-"), "privateDnsZoneId": f"<network-{one}.id>"}
        for one in ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net")
    ]


def test_what_azure_cannot_change_replaces_the_workspace_instead_of_failing(default: azure_stack.Made) -> None:
    workspace = default["workspace-workspace"]
    assert workspace.replace_on_changes == ("storageAccount", "keyVault", "hbiWorkspace", "kind", "encryption.status")
    assert workspace.delete_before_replace


def test_sensitive_data_makes_the_workspace_one_of_high_business_impact() -> None:
    context = azure_stack.context()
    sensitive = azure_stack.with_tags(context, {"data-classification": "confidential"})
    made = pulumi_kit.by_name(pulumi_kit.record(lambda: azure_stack.base(azure_stack.Variant(context=sensitive))))
    assert made["workspace-workspace"].properties["hbiWorkspace"] is True


def test_what_no_resource_can_express_is_a_step_after_up() -> None:
    def titles(variant: azure_stack.Variant) -> list[str]:
        found: list[AfterUp] = []

        def program() -> None:
            made = azure_stack.base(variant)
            arguments = WorkspaceArguments(
                foundation=made.foundation, network=made.network, identity=made.identity, storage=made.storage
            )
            found.extend(Workspace("another", variant.context, arguments).steps)

        pulumi_kit.record(program)
        assert all(one.command and one.reason for one in found)
        return [one.title for one in found]

    spark = "Prepare the managed network for Spark"
    assert titles(azure_stack.Variant()) == ["Reach the private workspace from where you work", spark]
    assert titles(azure_stack.Variant(public=True)) == [spark]
    assert titles(azure_stack.Variant(address_space="10.1.0.0/24")) == [spark]
