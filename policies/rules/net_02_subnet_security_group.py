"""What may reach a subnet is said by a network security group.

What: ``networkSecurityGroup.id`` of a subnet is set, also of one that stands in its virtual network's ``subnets``.
Subnets of Azure's own gateways and firewalls, which the setting ``platform`` names, are left alone: they cannot have
one.

Why: without a group everything in the network, and in those that are joined to it, reaches every machine of the
subnet.

Fix: give the subnet a ``NetworkSecurityGroup``; groundplan always does.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import paths
from ..conditions import folded
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, SECRET, Unknown

SUBNET = "azure-native:network:Subnet"
NETWORK = "azure-native:network:VirtualNetwork"

_PATH = "networkSecurityGroup.id"


def _check(resource: Resource, facts: Facts) -> Said:
    platform = [name.lower() for name in facts.texts("platform")]
    if resource.type == SUBNET:
        return _judged("", resource.properties, platform)
    inline = [_judged(f"{place}.", subnet, platform) for place, subnet in resource.each("subnets[]")]
    return inline or not_applicable("its subnets, if it has any, are resources of their own")


def _judged(place: str, subnet: object, platform: Sequence[str]) -> Outcome:
    names = [paths.get(subnet, key) for key in ("subnetName", "name")]
    if any(folded(name) in platform for name in names):
        return not_applicable("a subnet of Azure's own that cannot have one")
    group, expected = paths.get(subnet, _PATH), "the id of a network security group"
    if group is SECRET or (isinstance(group, Unknown) and group.of):
        return passed(place + _PATH, group)
    if isinstance(group, Unknown) or (group in (ABSENT, "") and any(isinstance(name, Unknown) for name in names)):
        return unknown(place + _PATH, expected)
    return failed(place + _PATH, group, expected) if group in (ABSENT, "") else passed(place + _PATH, group)


RULE = ResourceRule(
    id="NET-02",
    title="Subnet has a network security group",
    severity=Severity.MEDIUM,
    types=(
        SUBNET,
        NETWORK,
    ),
    check=_check,
    covers=(
        "CKV2_AZURE_31",
        "Azure.VNET.UseNSGs",
    ),
    packs=("baseline", "hardened"),
    options={
        "platform": Option(
            default=("GatewaySubnet", "AzureFirewallSubnet", "AzureFirewallManagementSubnet", "RouteServerSubnet"),
            help="the names of subnets that need none",
        )
    },
    failing=(
        example("no group", SUBNET, {"subnetName": "snet-clients"}),
        example(
            "one of two in the network",
            NETWORK,
            {"subnets": [{"name": "a", "networkSecurityGroup": {"id": "/subscriptions/s/nsg"}}, {"name": "b"}]},
        ),
    ),
    passing=(
        example(
            "a group", SUBNET, {"subnetName": "snet-clients", "networkSecurityGroup": {"id": "/subscriptions/s/nsg"}}
        ),
        example(
            "in the network",
            NETWORK,
            {"subnets": [{"name": "a", "networkSecurityGroup": {"id": "/subscriptions/s/nsg"}}]},
        ),
    ),
)
