"""The sku of a container registry has what its use needs.

What: ``sku.name`` is Standard or Premium; Premium where a private endpoint leads to the registry or
``publicNetworkAccess`` is Disabled, since no other sku can be private.

Why: Basic is for trying out: it has little room and throughput, and none but Premium has private endpoints, so the
deployment fails half-way.

Fix: set ``sku.name: Premium``; groundplan always does.

Decided: published rules disagree: some take Standard, because it can be scanned, some Premium alone, because it can
be private. Premium is asked where the registry is to be private.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..azure import ENDPOINT
from ..conditions import equals, folded
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"

_REGISTRY: Mapping[str, object] = {"type": REGISTRY, "name": "images", "properties": {"sku": {"name": "Standard"}}}
_CONNECTION = {"privateLinkServiceId": "${images.id}", "groupIds": ["registry"]}
_ENDPOINT: Mapping[str, object] = {
    "type": ENDPOINT,
    "name": "door",
    "properties": {"privateLinkServiceConnections": [_CONNECTION]},
}


def _check(registry: Resource, facts: Facts) -> Said:
    doors = facts.graph.references(ENDPOINT, "privateLinkServiceConnections[].privateLinkServiceId").to(registry)
    closed = folded(registry.get("publicNetworkAccess")) == "disabled"
    allowed = ("Premium",) if doors or closed else ("Standard", "Premium")
    return equals("sku.name", *allowed)(registry, facts)


RULE = ResourceRule(
    id="ACR-04",
    title="Container registry has a sku that can be scanned and reached privately",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(REGISTRY,),
    check=_check,
    covers=(
        "CKV_AZURE_163",
        "azp:ACR_SkuSupportsPrivateEndpoints_AuditDeny",
        "Azure.ACR.MinSku",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Basic", REGISTRY, {"sku": {"name": "Basic"}}),
        Example(name="Standard with a private endpoint", resources=[_REGISTRY, _ENDPOINT]),
        example("Standard and closed", REGISTRY, {"sku": {"name": "Standard"}, "publicNetworkAccess": "Disabled"}),
    ),
    passing=(
        example("Standard", REGISTRY, {"sku": {"name": "Standard"}}),
        example("Premium and closed", REGISTRY, {"sku": {"name": "Premium"}, "publicNetworkAccess": "Disabled"}),
    ),
)
