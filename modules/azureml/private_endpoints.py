"""Private endpoints: an address of a service in the stack's own network, and its name in private DNS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import pulumi
from pulumi_azure_native import network as azure_network

from ..contract.component import Component
from ..contract.foundation import FoundationOutputs
from ..contract.network import NetworkOutputs
from . import names

Group = Literal["blob", "file", "dfs", "vault", "registry", "amlworkspace", "amlregistry"]
"""What of a service is reached, in Azure's word for it."""

ZONES: Final[dict[Group, tuple[str, ...]]] = {
    "blob": ("privatelink.blob.core.windows.net",),
    "file": ("privatelink.file.core.windows.net",),
    "dfs": ("privatelink.dfs.core.windows.net",),
    "vault": ("privatelink.vaultcore.azure.net",),
    "registry": ("privatelink.azurecr.io",),
    "amlworkspace": ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
    "amlregistry": ("privatelink.api.azureml.ms",),
}
"""The DNS zones of each group (https://learn.microsoft.com/azure/private-link/private-endpoint-dns)."""


def private_endpoint(
    component: Component,
    name: str,
    target: pulumi.Input[str],
    group: Group,
    *,
    foundation: FoundationOutputs,
    network: NetworkOutputs,
    depends_on: Sequence[pulumi.Resource] = (),
) -> tuple[pulumi.Resource, ...]:
    """Reach ``group`` of ``target`` inside the stack's network; nothing where it has none, or all is public."""
    if network.access == "public" or network.endpoints_subnet_id is None:
        return ()
    context = component.context
    endpoint_name = names.within(context, "pe", 64, component.name, name)
    endpoint = azure_network.PrivateEndpoint(
        f"{component.name}-{name}-private-endpoint",
        private_endpoint_name=endpoint_name,
        resource_group_name=foundation.group,
        location=context.region,
        subnet={"id": network.endpoints_subnet_id},
        custom_network_interface_name=f"{endpoint_name}-nic",
        private_link_service_connections=[
            azure_network.PrivateLinkServiceConnectionArgs(name=name, private_link_service_id=target, group_ids=[group])
        ],
        tags=context.tags,
        opts=component.child(depends_on=[*foundation.ready, *network.ready, *depends_on]),
    )
    zones = azure_network.PrivateDnsZoneGroup(
        f"{component.name}-{name}-zone-group",
        private_dns_zone_group_name="default",
        resource_group_name=foundation.group,
        private_endpoint_name=endpoint_name,
        private_dns_zone_configs=[
            azure_network.PrivateDnsZoneConfigArgs(name=zone.replace(".", "-"), private_dns_zone_id=network.zones[zone])
            for zone in ZONES[group]
        ],
        opts=component.child(depends_on=[endpoint]),
    )
    return endpoint, zones
