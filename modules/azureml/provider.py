"""The provider that all Azure resources of a stack use: one subscription and tenant, whatever the ambient ones are."""

from __future__ import annotations

import pulumi_azure_native

from ..contract.context import Context


def provider(context: Context) -> pulumi_azure_native.Provider:
    """Azure's provider for the account of ``context``; who signs in is the environment's business, never the config's.

    Azure is not told by an id of Pulumi's who made the resources.
    """
    return pulumi_azure_native.Provider(
        "azure-native",
        subscription_id=context.account.subscription,
        tenant_id=context.account.tenant,
        location=context.region,
        disable_pulumi_partner_id=True,
    )
