"""What Azure asks of networks, private endpoints and private DNS zones."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules, Uniqueness

_NAMES = "learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
_SUBNET = r"(\d{1,3}\.){3}\d{1,3}/([0-9]|[12]\d)"  # no longer prefix than 29


def _name(property: str, maximum: int = 80, unique: Uniqueness = "group") -> NameRule:
    return NameRule(property=property, pattern=r"[A-Za-z0-9]([\w.-]*\w)?", minimum=1, maximum=maximum, unique=unique)


RULES = {
    "azure-native:network:VirtualNetwork": TypeRules(
        source=_NAMES,
        name=_name("virtualNetworkName", 64),
        stateful=True,
        loses="the connections of everything that reaches the environment privately",
        replaced_by=frozenset({"location", "resourceGroupName"}),
    ),
    "azure-native:network:Subnet": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/virtual-network/virtual-networks-faq",
        name=_name("subnetName", unique="parent"),
        stateful=True,
        loses="the addresses of the private endpoints in it",
        replaced_by=frozenset({"virtualNetworkName", "resourceGroupName"}),
        patterns={"addressPrefix": _SUBNET},
        exactly_one=(frozenset({"addressPrefix", "addressPrefixes"}),),
    ),
    "azure-native:network:NetworkSecurityGroup": TypeRules(
        source=_NAMES,
        name=_name("networkSecurityGroupName"),
        replaced_by=frozenset({"location", "resourceGroupName"}),
        ranges={"securityRules.priority": (100, 4096)},
    ),
    "azure-native:network:VirtualNetworkPeering": TypeRules(
        source=_NAMES,
        name=_name("virtualNetworkPeeringName", unique="parent"),
        replaced_by=frozenset({"virtualNetworkName", "resourceGroupName", "remoteVirtualNetwork"}),
        required=frozenset({"remoteVirtualNetwork"}),
    ),
    "azure-native:network:PrivateEndpoint": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/private-link/private-endpoint-overview",
        name=NameRule(property="privateEndpointName", pattern=r"[A-Za-z0-9]([\w.-]*\w)?", minimum=2, maximum=64),
        replaced_by=frozenset({"location", "resourceGroupName", "subnet", "customNetworkInterfaceName"}),
        required=frozenset({"subnet", "privateLinkServiceConnections"}),
    ),
    "azure-native:network:PrivateDnsZoneGroup": TypeRules(
        source="learn.microsoft.com/azure/private-link/private-endpoint-dns",
        name=_name("privateDnsZoneGroupName", unique="parent"),
        replaced_by=frozenset({"privateEndpointName", "resourceGroupName"}),
    ),
    "azure-native:privatedns:PrivateZone": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/dns/private-dns-privatednszone",
        name=NameRule(property="privateZoneName", pattern=r"[\w-]+(\.[\w-]+)+", minimum=1, maximum=253),
        replaced_by=frozenset({"location", "resourceGroupName"}),
        choices={"location": frozenset({"global"})},
    ),
    "azure-native:privatedns:VirtualNetworkLink": TypeRules(
        source=_NAMES,
        name=_name("virtualNetworkLinkName", unique="parent"),
        replaced_by=frozenset({"privateZoneName", "resourceGroupName", "virtualNetwork"}),
        choices={"location": frozenset({"global"})},
    ),
}
"""By type token."""
