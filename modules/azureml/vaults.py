"""Key vaults: one form for the workspaces' secrets and for the key, with roles instead of access policies."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import keyvault

from ..contract.component import Component
from ..contract.context import Context
from . import names

_RETENTION_DAYS = 90


def key_vault_name(context: Context) -> str:
    """The name of the vault that holds the key of one's own."""
    return names.unique(context, "kvk", 24)


def workspace_vault_name(context: Context) -> str:
    """The name of the vault that the workspace keeps its secrets in."""
    return names.unique(context, "kv", 24)


def vault(
    component: Component,
    name: str,
    vault_name: str,
    *,
    group: str,
    public: bool,
    premium: bool = False,
    depends_on: Sequence[pulumi.Resource] = (),
) -> keyvault.Vault:
    """A vault that cannot be emptied within 90 days, and that only Azure's own services reach unless ``public``."""
    return keyvault.Vault(
        f"{component.name}-{name}",
        vault_name=vault_name,
        resource_group_name=group,
        location=component.context.region,
        properties=keyvault.VaultPropertiesArgs(
            tenant_id=component.context.account.tenant,
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.PREMIUM if premium else keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            enable_purge_protection=True,
            soft_delete_retention_in_days=_RETENTION_DAYS,
            enabled_for_deployment=False,
            enabled_for_disk_encryption=False,
            enabled_for_template_deployment=False,
            public_network_access="Enabled" if public else "Disabled",
            network_acls=keyvault.NetworkRuleSetArgs(
                bypass="AzureServices", default_action="Allow" if public else "Deny"
            ),
        ),
        tags=component.context.tags,
        opts=component.child(stateful=True, depends_on=list(depends_on)),
    )
