"""The network at Google Cloud: a VPC from which Google's services are reached privately, and little else.

Vertex AI has no network of its own to work in, so that a private platform has a VPC also when the config names no
address space. Its first half is for computes, the third quarter for private endpoints, the last for Vertex AI's own
machines that come in by an attachment, or for services that are peered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

import pulumi
from pulumi_gcp import compute, dns, projects, servicenetworking

from ...core.errors import ConfigError
from ..contract.component import Component
from ..contract.context import Context
from ..contract.network import NetworkArguments, NetworkOutputs
from . import firewall, names, perimeter, private_dns, roles
from .labels import labels

ADDRESS_SPACE: Final = "10.10.0.0/20"
"""The addresses of a private platform whose config names none; the range overlaps none of Google's own defaults."""

_SMALLEST: Final = 26
"""The longest prefix whose quarter still is a subnet for an attachment, at least a /28."""

_ATTACHMENT_PERMISSIONS: Final = (
    "compute.networkAttachments.get",
    "compute.networkAttachments.update",
    "compute.regionOperations.get",
)
"""What Vertex AI's agent needs to enter a network through an attachment that does not let everybody in."""


@dataclass(frozen=True)
class _Ranges:
    """How the addresses are divided."""

    whole: str
    computes: str
    endpoints: str
    services: IPv4Network


class Network(Component):
    """Makes the VPC, or the hub that others join; public access without an address space needs nothing."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: NetworkArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._private = arguments.access == "private"
        self.outputs = NetworkOutputs(
            access=arguments.access, allowed_outbound=arguments.allowed_outbound, connection=arguments.connection
        )
        if self._private or arguments.address_space is not None:
            self.outputs = self._own(arguments)
        if arguments.perimeter:
            self.steps = perimeter.enclose(self, arguments)
        self.done({"network_id": self.outputs.network_id})

    def _own(self, arguments: NetworkArguments) -> NetworkOutputs:
        ranges = _divided(arguments.address_space or ADDRESS_SPACE)
        network = self._network(arguments)
        computes = self._subnet("computes", network, ranges.computes)
        endpoints = self._subnet("endpoints", network, ranges.endpoints)
        joined = self._join(network, arguments)
        ready: list[pulumi.Resource] = [computes, endpoints, *joined]
        ready += firewall.protect(self, network, arguments, ranges.whole)
        zones: Mapping[str, dns.ManagedZone] = {}
        if self._private:
            zones = private_dns.zones(self, network, restricted=arguments.perimeter)
            ready.append(self._route("google", private_dns.addresses(restricted=arguments.perimeter), network))
        if arguments.allowed_outbound or not self._private:
            ready += self._way_out(network)
        attachment: compute.NetworkAttachment | None = None
        if not arguments.hub and arguments.connection == "peering":
            ready.append(self._peering(network, ranges.services))
        elif not arguments.hub:
            entrance = self._subnet("attachments", network, str(ranges.services))
            attachment = self._attachment(entrance, arguments)
            ready += [entrance, attachment]
        return NetworkOutputs(
            access=arguments.access,
            allowed_outbound=arguments.allowed_outbound,
            connection=arguments.connection,
            network_id=network.id,
            subnet_id=computes.id,
            endpoints_subnet_id=endpoints.id,
            attachment_id=None if attachment is None else attachment.id,
            zones={zone: one.id for zone, one in zones.items()},
            ready=(*ready, *zones.values()),
        )

    def _network(self, arguments: NetworkArguments) -> compute.Network:
        """Without the default route: what is private leaves by the routes that are made, or not at all."""
        return compute.Network(
            f"{self.name}-vpc",
            project=self.context.account.project,
            name=names.network(self.context),
            description=f"{self.context.project} {self.context.environment}",
            auto_create_subnetworks=False,
            delete_default_routes_on_create=True,
            routing_mode="REGIONAL",
            opts=self.child(depends_on=list(arguments.foundation.ready)),
        )

    def _subnet(self, purpose: str, network: compute.Network, addresses: str) -> compute.Subnetwork:
        return compute.Subnetwork(
            f"{self.name}-{purpose}",
            project=self.context.account.project,
            region=self.context.region,
            name=names.within(self.context, 63, purpose),
            network=network.id,
            ip_cidr_range=addresses,
            private_ip_google_access=True,
            stack_type="IPV4_ONLY",
            log_config={
                "aggregation_interval": "INTERVAL_10_MIN",
                "flow_sampling": 0.5,
                "metadata": "INCLUDE_ALL_METADATA",
            },
            opts=self.child(),
        )

    def _route(self, what: str, addresses: str, network: compute.Network) -> compute.Route:
        return compute.Route(
            f"{self.name}-route-{what}",
            project=self.context.account.project,
            name=names.within(self.context, 63, what),
            network=network.id,
            dest_range=addresses,
            next_hop_gateway="default-internet-gateway",
            priority=1000,
            opts=self.child(),
        )

    def _way_out(self, network: compute.Network) -> list[pulumi.Resource]:
        """A route and Cloud NAT: machines without an address of their own reach out, and nobody reaches in."""
        account, region = self.context.account.project, self.context.region
        router = compute.Router(
            f"{self.name}-router",
            project=account,
            region=region,
            name=names.within(self.context, 63),
            network=network.id,
            opts=self.child(),
        )
        nat = compute.RouterNat(
            f"{self.name}-nat",
            project=account,
            region=region,
            name=names.within(self.context, 63),
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            log_config={"enable": True, "filter": "ALL"},
            opts=self.child(),
        )
        return [self._route("internet", "0.0.0.0/0", network), nat]

    def _attachment(self, subnet: compute.Subnetwork, arguments: NetworkArguments) -> compute.NetworkAttachment:
        """The door by which Vertex AI's own machines enter; its agent notes at the door which of them may."""
        role = projects.IAMCustomRole(
            f"{self.name}-attachment-role",
            project=self.context.account.project,
            role_id=names.custom_role(self.context, "attachment_user"),
            title=f"Network attachment user ({self.context.project} {self.context.environment})",
            description="Lets Vertex AI's agent enter a network through its attachment",
            permissions=list(_ATTACHMENT_PERMISSIONS),
            stage="GA",
            opts=self.child(depends_on=list(arguments.foundation.ready)),
        )
        grant = roles.project_member(
            self,
            "attachment-agent",
            names.custom_role_path(self.context, "attachment_user"),
            arguments.foundation.agents["aiplatform"],
            depends_on=[role],
        )
        return compute.NetworkAttachment(
            f"{self.name}-attachment",
            project=self.context.account.project,
            region=self.context.region,
            name=names.attachment(self.context),
            description="Private Service Connect interfaces of Vertex AI",
            connection_preference="ACCEPT_MANUAL",
            subnetworks=[subnet.id],
            opts=self.child(depends_on=[grant], ignore_changes=["producerAcceptLists"]),
        )

    def _peering(self, network: compute.Network, addresses: IPv4Network) -> servicenetworking.Connection:
        reserved = compute.GlobalAddress(
            f"{self.name}-services",
            project=self.context.account.project,
            name=names.within(self.context, 63, "services"),
            description="Addresses of Google's services that are peered",
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(addresses.network_address),
            prefix_length=addresses.prefixlen,
            network=network.id,
            labels=labels(self.context),
            opts=self.child(),
        )
        return servicenetworking.Connection(
            f"{self.name}-service-connection",
            network=network.id,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            update_on_creation_fail=True,
            opts=self.child(),
        )

    def _join(self, network: compute.Network, arguments: NetworkArguments) -> list[pulumi.Resource]:
        """Peer with the hub from both sides, one after the other, as Google takes one change at a time."""
        if arguments.hub_network_id is None:
            return []
        to_hub = compute.NetworkPeering(
            f"{self.name}-to-hub",
            name=names.within(self.context, 63, "to-hub"),
            network=network.id,
            peer_network=arguments.hub_network_id,
            import_custom_routes=True,
            opts=self.child(),
        )
        from_hub = compute.NetworkPeering(
            f"{self.name}-from-hub",
            name=names.within(self.context, 63, "from-hub"),
            network=arguments.hub_network_id,
            peer_network=network.id,
            export_custom_routes=True,
            opts=self.child(depends_on=[to_hub]),
        )
        return [to_hub, from_hub]


def hub_network_id(context: Context) -> str:
    """The id of the hub's network, from the context of the shared stack."""
    return names.network_path(context)


def _divided(addresses: str) -> _Ranges:
    whole = IPv4Network(addresses, strict=False)
    if whole.prefixlen > _SMALLEST:
        raise ConfigError(
            f"{addresses} is too small to be divided into subnets",
            where="network.address_space",
            hint=f"Name at least a /{_SMALLEST}: an attachment takes at least a /28.",
        )
    computes, rest = whole.subnets()
    endpoints, services = rest.subnets()
    return _Ranges(str(whole), str(computes), str(endpoints), services)
