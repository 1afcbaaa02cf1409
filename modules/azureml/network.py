"""The network at Azure: one's own, or none, where Azure ML manages the network of a workspace itself."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Final

import pulumi
from pulumi_azure_native import network as azure_network
from pulumi_azure_native import privatedns

from ...core.errors import ConfigError
from ..contract.component import Component
from ..contract.context import Context
from ..contract.network import NetworkArguments, NetworkOutputs
from . import names
from .diagnostics import diagnostics
from .private_endpoints import ZONES

ZONE_NAMES: Final = tuple(sorted({zone for group in ZONES.values() for zone in group}))
"""The private DNS zones that an ML platform needs."""

_PRIVATE_ENDPOINT_PORTS: Final = ("443", "445")
"""HTTPS, and SMB for the file share of notebooks."""

_SMALLEST_PREFIX: Final = 27


class Network(Component):
    """With an ``address_space``: a network with a subnet for private endpoints and one for those who use them.

    Training and serving never run in it: they run in the network that Azure ML manages for the workspace, which takes
    no subnets of others; so there is no ``subnet_id``. Private endpoints are how people and CI, in this network or one
    that is joined to it, get at the workspace. The hub keeps the DNS zones for all that join it.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: NetworkArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        if arguments.address_space is None:
            self.outputs = NetworkOutputs(access=arguments.access, allowed_outbound=arguments.allowed_outbound)
            self.done({})
            return
        network = self._network(arguments.address_space)
        clients, endpoints = self._subnets(network, _range(arguments.address_space))
        ready: list[pulumi.Resource] = [network, clients, endpoints]
        if arguments.hub_network_id is None:
            zones = self._own_zones(network, ready)
        else:
            zones = self._join(network, arguments.hub_network_id, ready)
        self.outputs = NetworkOutputs(
            access=arguments.access,
            allowed_outbound=arguments.allowed_outbound,
            network_id=network.id,
            endpoints_subnet_id=endpoints.id,
            zones=zones,
            ready=tuple(ready),
        )
        self.done({"network_id": network.id, "endpoints_subnet_id": endpoints.id})

    def _network(self, address_space: str) -> azure_network.VirtualNetwork:
        foundation = self._arguments.foundation
        network = azure_network.VirtualNetwork(
            f"{self.name}-network",
            virtual_network_name=network_name(self.context),
            resource_group_name=foundation.group,
            location=self.context.region,
            address_space=azure_network.AddressSpaceArgs(address_prefixes=[address_space]),
            tags=self.context.tags,
            opts=self.child(stateful=True, depends_on=list(foundation.ready)),
        )
        diagnostics(self, "network-diagnostics", network.id, foundation.logs_id)
        return network

    def _subnets(
        self, network: azure_network.VirtualNetwork, whole: IPv4Network
    ) -> tuple[azure_network.Subnet, azure_network.Subnet]:
        """The lower half for clients, a quarter for private endpoints; the last quarter stays free."""
        lower, upper = whole.subnets(prefixlen_diff=1)
        clients = self._subnet("clients", network, lower, self._security_group("clients", ()), ())
        endpoints = self._subnet(
            "private-endpoints",
            network,
            next(upper.subnets(prefixlen_diff=1)),
            self._security_group("private-endpoints", _PRIVATE_ENDPOINT_PORTS),
            (clients,),
        )
        return clients, endpoints

    def _subnet(
        self,
        what: str,
        network: azure_network.VirtualNetwork,
        prefix: IPv4Network,
        security_group: azure_network.NetworkSecurityGroup,
        after: tuple[pulumi.Resource, ...],
    ) -> azure_network.Subnet:
        """One subnet after another: Azure refuses two changes of one network at once."""
        return azure_network.Subnet(
            f"{self.name}-{what}",
            subnet_name=f"snet-{what}",
            virtual_network_name=network_name(self.context),
            resource_group_name=self._arguments.foundation.group,
            address_prefix=str(prefix),
            default_outbound_access=False,
            private_endpoint_network_policies="Enabled",
            private_link_service_network_policies="Enabled",
            network_security_group={"id": security_group.id},
            opts=self.child(stateful=True, depends_on=[network, *after]),
        )

    def _security_group(self, what: str, ports: tuple[str, ...]) -> azure_network.NetworkSecurityGroup:
        """Lets nothing in but ``ports``, from networks that are joined to this one."""
        foundation = self._arguments.foundation
        rules = [_rule("deny-inbound", 4096, "Deny", source="*", ports=("*",))]
        if ports:
            rules.insert(0, _rule("allow-from-network", 100, "Allow", source="VirtualNetwork", ports=ports))
        group = azure_network.NetworkSecurityGroup(
            f"{self.name}-{what}-security-group",
            network_security_group_name=names.within(self.context, "nsg", 80, what),
            resource_group_name=foundation.group,
            location=self.context.region,
            security_rules=rules,
            tags=self.context.tags,
            opts=self.child(depends_on=list(foundation.ready)),
        )
        diagnostics(self, f"{what}-diagnostics", group.id, foundation.logs_id, metrics="")
        return group

    def _own_zones(
        self, network: azure_network.VirtualNetwork, ready: list[pulumi.Resource]
    ) -> Mapping[str, pulumi.Input[str]]:
        zones: dict[str, pulumi.Input[str]] = {}
        for zone in ZONE_NAMES:
            made = privatedns.PrivateZone(
                f"{self.name}-{zone}",
                private_zone_name=zone,
                resource_group_name=self._arguments.foundation.group,
                location="global",
                tags=self.context.tags,
                opts=self.child(depends_on=list(self._arguments.foundation.ready)),
            )
            ready.append(self._link(zone, network, self._arguments.foundation.group, made))
            zones[zone] = made.id
        return zones

    def _join(
        self, network: azure_network.VirtualNetwork, hub: pulumi.Input[str], ready: list[pulumi.Resource]
    ) -> Mapping[str, pulumi.Input[str]]:
        """Join the hub in both directions, and use its DNS zones; the hub lies in the same subscription."""
        hub_id = pulumi.Output.from_input(hub)
        hub_group, hub_name = hub_id.apply(_group_of), hub_id.apply(lambda hub: hub.rpartition("/")[2])
        to_hub = self._peering("hub", self._arguments.foundation.group, network_name(self.context), hub_id, network)
        from_hub = self._peering("spoke", hub_group, hub_name, network.id, to_hub)
        ready += [to_hub, from_hub]
        ready += [self._link(zone, network, hub_group, from_hub) for zone in ZONE_NAMES]
        prefix = hub_id.apply(lambda hub: hub.partition("/providers/")[0])
        return {
            zone: pulumi.Output.concat(prefix, "/providers/Microsoft.Network/privateDnsZones/", zone)
            for zone in ZONE_NAMES
        }

    def _peering(
        self,
        what: str,
        group: pulumi.Input[str],
        network: pulumi.Input[str],
        remote: pulumi.Input[str],
        after: pulumi.Resource,
    ) -> azure_network.VirtualNetworkPeering:
        return azure_network.VirtualNetworkPeering(
            f"{self.name}-peering-{what}",
            virtual_network_peering_name=names.within(self.context, "peer", 80, what),
            resource_group_name=group,
            virtual_network_name=network,
            remote_virtual_network={"id": remote},
            allow_virtual_network_access=True,
            allow_forwarded_traffic=what == "hub",
            allow_gateway_transit=False,
            use_remote_gateways=False,
            opts=self.child(depends_on=[after]),
        )

    def _link(
        self, zone: str, network: azure_network.VirtualNetwork, group: pulumi.Input[str], after: pulumi.Resource
    ) -> privatedns.VirtualNetworkLink:
        return privatedns.VirtualNetworkLink(
            f"{self.name}-{zone}-link",
            virtual_network_link_name=names.within(self.context, "link", 80),
            private_zone_name=zone,
            resource_group_name=group,
            location="global",
            registration_enabled=False,
            virtual_network={"id": network.id},
            tags=self.context.tags,
            opts=self.child(depends_on=[network, after]),
        )


def network_name(context: Context) -> str:
    """The name of a stack's network."""
    return names.within(context, "vnet", 64)


def hub_network_id(context: Context) -> str:
    """The resource id of the hub's network, from the context of the shared stack."""
    return names.resource_id(context, "Microsoft.Network/virtualNetworks", network_name(context))


def _range(address_space: str) -> IPv4Network:
    """The range, large enough for subnets that Azure accepts, which keeps five addresses of each for itself."""
    try:
        whole = IPv4Network(address_space)
    except ValueError as error:
        raise ConfigError(f"{address_space} is not an address range: {error}", where="network") from error
    if whole.prefixlen > _SMALLEST_PREFIX:
        raise ConfigError(
            f"{address_space} is too small: Azure needs a subnet of 8 addresses for private endpoints",
            where="network",
            hint=f"Take a range of /{_SMALLEST_PREFIX} or larger, such as 10.20.0.0/22.",
        )
    return whole


def _rule(
    name: str, priority: int, access: str, *, source: str, ports: tuple[str, ...]
) -> azure_network.SecurityRuleArgs:
    return azure_network.SecurityRuleArgs(
        name=name,
        priority=priority,
        direction="Inbound",
        access=access,
        protocol="*" if access == "Deny" else "Tcp",
        source_address_prefix=source,
        source_port_range="*",
        destination_address_prefix="*",
        destination_port_range=ports[0] if len(ports) == 1 else None,
        destination_port_ranges=list(ports) if len(ports) > 1 else None,
    )


def _group_of(resource_id: str) -> str:
    return resource_id.partition("/resourceGroups/")[2].partition("/")[0]
