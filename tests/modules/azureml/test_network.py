"""The network at Azure: none, one's own, or one that joins a hub. Not proved: that packets go where they should."""

from __future__ import annotations

import pytest
from groundplan.core.errors import ConfigError
from groundplan.modules.azureml.network import ZONE_NAMES, Network
from groundplan.modules.contract.foundation import FoundationOutputs
from groundplan.modules.contract.network import NetworkArguments

import azure_stack
import pulumi_kit

FOUNDATION = FoundationOutputs(group="rg-churn-dev-westeurope", group_id="group", logs_id="logs")


def test_without_an_address_space_azure_ml_manages_the_network(default: azure_stack.Made) -> None:
    assert [name for name in default if name.startswith("network-")] == []
    assert [one.name for one in default.values() if "privatedns" in one.type or "network:" in one.type] == []


def test_the_address_space_is_split_and_nothing_comes_in_but_https_and_smb(hardened: azure_stack.Made) -> None:
    assert hardened["network-network"].properties["addressSpace"] == {"addressPrefixes": ["10.1.0.0/24"]}
    subnets = pulumi_kit.of_type(list(hardened.values()), "azure-native:network:Subnet")
    common = {
        "resourceGroupName": "rg-churn-prod-westeurope",
        "virtualNetworkName": "vnet-churn-prod",
        "defaultOutboundAccess": False,
        "privateEndpointNetworkPolicies": "Enabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    assert subnets == {
        "network-clients": {
            **common,
            "subnetName": "snet-clients",
            "addressPrefix": "10.1.0.0/25",
            "networkSecurityGroup": {"id": "<network-clients-security-group.id>"},
        },
        "network-private-endpoints": {
            **common,
            "subnetName": "snet-private-endpoints",
            "addressPrefix": "10.1.0.128/26",
            "networkSecurityGroup": {"id": "<network-private-endpoints-security-group.id>"},
        },
    }
    deny = {
        "name": "deny-inbound", "priority": 4096, "direction": "Inbound", "access": "Deny", "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*",
    }  # fmt: skip
    allow = {
        "name": "allow-from-network", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRanges": ["443", "445"],
    }  # fmt: skip
    assert hardened["network-private-endpoints-security-group"].properties["securityRules"] == [allow, deny]
    assert hardened["network-clients-security-group"].properties["securityRules"] == [deny]


def test_one_change_of_a_network_at_a_time(hardened: azure_stack.Made) -> None:
    assert "network-clients" in pulumi_kit.depends_on(hardened["network-private-endpoints"])


def test_a_network_of_its_own_has_its_own_zones(hardened: azure_stack.Made) -> None:
    zones = pulumi_kit.of_type(list(hardened.values()), "azure-native:privatedns:PrivateZone")
    links = pulumi_kit.of_type(list(hardened.values()), "azure-native:privatedns:VirtualNetworkLink")
    assert {one["privateZoneName"] for one in zones.values()} == set(ZONE_NAMES)
    assert links["network-privatelink.azurecr.io-link"] == {
        "virtualNetworkLinkName": "link-churn-prod",
        "privateZoneName": "privatelink.azurecr.io",
        "resourceGroupName": "rg-churn-prod-westeurope",
        "location": "global",
        "registrationEnabled": False,
        "virtualNetwork": {"id": "<network-network.id>"},
        "tags": {**azure_stack.TAGS, "environment": "prod"},
    }
    assert len(links) == len(ZONE_NAMES)


def test_joining_a_hub_takes_a_peering_each_way_and_the_hubs_zones(joined: azure_stack.Made) -> None:
    flags = {"allowVirtualNetworkAccess": True, "allowGatewayTransit": False, "useRemoteGateways": False}
    assert joined["network-peering-hub"].properties == {
        **flags,
        "virtualNetworkPeeringName": "peer-churn-dev-hub",
        "resourceGroupName": "rg-churn-dev-westeurope",
        "virtualNetworkName": "vnet-churn-dev",
        "remoteVirtualNetwork": {"id": azure_stack.HUB},
        "allowForwardedTraffic": True,
    }
    assert joined["network-peering-spoke"].properties == {
        **flags,
        "virtualNetworkPeeringName": "peer-churn-dev-spoke",
        "resourceGroupName": "rg-churn-shared-westeurope",
        "virtualNetworkName": "vnet-churn-shared",
        "remoteVirtualNetwork": {"id": "<network-network.id>"},
        "allowForwardedTraffic": False,
    }
    assert pulumi_kit.of_type(list(joined.values()), "azure-native:privatedns:PrivateZone") == {}
    links = pulumi_kit.of_type(list(joined.values()), "azure-native:privatedns:VirtualNetworkLink").values()
    assert {one["resourceGroupName"] for one in links} == {"rg-churn-shared-westeurope"}
    assert joined["storage-blob-zone-group"].properties["privateDnsZoneConfigs"] == [
        {
            "name": "privatelink-blob-core-windows-net",
            "privateDnsZoneId": f"{azure_stack.SHARED_GROUP}/providers/Microsoft.Network/privateDnsZones/"
            "privatelink.blob.core.windows.net",
        }
    ]


@pytest.mark.parametrize(
    ("address_space", "message"),
    [("10.1.0.0/28", "too small"), ("10.1.0.1/24", "not an address range"), ("10.1.0.400/24", "not an address range")],
)
def test_a_range_that_cannot_hold_the_subnets_is_refused(address_space: str, message: str) -> None:
    arguments = NetworkArguments(foundation=FOUNDATION, address_space=address_space)
    with pytest.raises(ConfigError, match=message):
        pulumi_kit.record(lambda: Network("network", azure_stack.context(), arguments))


def test_the_smallest_range_gives_private_endpoints_eight_addresses() -> None:
    arguments = NetworkArguments(foundation=FOUNDATION, address_space="10.1.0.0/27")
    made = pulumi_kit.by_name(pulumi_kit.record(lambda: Network("network", azure_stack.context(), arguments)))
    assert made["network-private-endpoints"].properties["addressPrefix"] == "10.1.0.16/29"
