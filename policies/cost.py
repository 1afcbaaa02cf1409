"""What planned resources cost in a month by being there: an estimate from list prices, with what has no price named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .conditions import number
from .price_book import Price, price_of
from .project import is_hidden
from .resource import Resource
from .values import ABSENT

_AML = "azure-native:machinelearningservices:"


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that costs while it is there: ``count`` of it, for a share of the month."""

    thing: str
    region: str
    count: float
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """USD a month of what has a price; ``unpriced`` names the rest."""

    amount: float
    unpriced: Sequence[str]


def estimate(resources: Iterable[Resource], own: Sequence[Price], *, instance_hours: float) -> Estimate:
    """The estimate of resources; a person's machine counts for ``instance_hours`` of a month's 730."""
    amount, unpriced = 0.0, list[str]()
    for one in resources:
        for item in _items(one, instance_hours):
            price = price_of(item.thing, item.region, own)
            if item.count != item.count or (price is None and item.count):
                unpriced.append(f"{item.thing} in {item.region or 'no region'}")
            elif price is not None:
                amount += price.monthly * item.count * item.share
    return Estimate(amount=amount, unpriced=sorted(set(unpriced)))


def _items(resource: Resource, hours: float) -> Iterator[Item]:
    region = _text(resource, "location") or _text(resource, "region")
    if resource.type == f"{_AML}Compute":
        inner = "properties.properties"
        person = _text(resource, "properties.computeType").lower() == "computeinstance"
        count = 1.0 if person else _count(resource, f"{inner}.scaleSettings.minNodeCount", 0)
        share = hours / 730 if person else 1.0
        yield Item(thing=_text(resource, f"{inner}.vmSize"), region=region, count=count, share=share)
    elif resource.type == f"{_AML}OnlineDeployment":
        count = _count(resource, "sku.capacity", 1)
        yield Item(thing=_text(resource, "properties.instanceType"), region=region, count=count)
    elif resource.type == "gcp:workbench/instance:Instance":
        zone = region[:-2] if region[-2:-1] == "-" else region
        yield Item(thing=_text(resource, "gceSetup.machineType"), region=zone, count=1, share=hours / 730)
    elif resource.type == "azure-native:containerregistry:Registry":
        yield Item(thing=f"container registry {_text(resource, 'sku.name')}", region=region, count=1)
    elif resource.type in _PLAIN:
        yield Item(thing=_PLAIN[resource.type], region=region, count=1)


_PLAIN = {
    "azure-native:network:PrivateEndpoint": "private endpoint",
    "azure-native:privatedns:PrivateZone": "private DNS zone",
    "azure-native:network:AzureFirewall": "firewall",
    "azure-native:network:BastionHost": "bastion host",
    "azure-native:network:NatGateway": "NAT gateway",
    "azure-native:search:Service": "search service",
    f"{_AML}Registry": "registry of models",
    "gcp:dns/managedZone:ManagedZone": "managed DNS zone",
    "gcp:vertex/aiEndpoint:AiEndpoint": "machines of a Vertex AI endpoint",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": "online feature store",
    "gcp:vertex/aiPersistentResource:AiPersistentResource": "persistent resource",
    "gcp:vertex/aiIndexEndpointDeployedIndex:AiIndexEndpointDeployedIndex": "deployed index",
}
"""Other types that cost while they are there; those without a line in the book are named as unpriced."""


def _text(resource: Resource, path: str) -> str:
    found = resource.get(path)
    return found if isinstance(found, str) else ""


def _count(resource: Resource, path: str, absent: float) -> float:
    found = resource.get(path)
    if is_hidden(found):
        return float("nan")
    return absent if found is ABSENT else number(found)
