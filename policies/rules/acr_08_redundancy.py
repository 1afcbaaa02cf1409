"""Production can pull its images when a zone or a region is lost.

What: in production ``zoneRedundancy`` is Enabled, and as many ``Replication`` resources name a registry of the sku
Premium as the setting ``replicas`` asks for. Where ``zoneRedundancy`` is absent Azure takes Disabled.

Why: an endpoint that cannot pull its image cannot be scaled, repaired or moved, just when it has to be.

Fix: set ``zoneRedundancy: Enabled``, as groundplan does where a region has zones, and add a ``Replication`` in a
second region; set ``replicas`` to 0 where images must stay in one region.

Decided: published rules ask it of every registry. A copy in another region costs as much again and may leave the
jurisdiction, so only production is asked, and the number of copies is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..conditions import equals, folded, outcomes_of
from ..environments import in_production
from ..outcome import PASS, Outcome, failed, not_applicable, unknown
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity

REGISTRY = "azure-native:containerregistry:Registry"
REPLICATION = "azure-native:containerregistry:Replication"

_COPY = {
    "type": REPLICATION,
    "name": "copy",
    "properties": {"registryName": "${images.name}", "location": "northeurope"},
}
_zones = equals("zoneRedundancy", "Enabled", absent="Disabled")


def _check(registry: Resource, facts: Facts) -> Said:
    if not in_production(registry, facts):
        return not_applicable("what is not production may be made again")
    return [*outcomes_of(_zones(registry, facts)), _copies(registry, facts)]


def _copies(registry: Resource, facts: Facts) -> Outcome:
    if folded(registry.get("sku.name")) != "premium":
        return not_applicable("no other sku than Premium can be copied to another region")
    references = facts.graph.references(REPLICATION, "registryName")
    found, wanted = len(references.to(registry)), facts.number("replicas")
    if found >= wanted:
        return PASS
    expected = f"copies in {wanted:g} other regions"
    return unknown("replications", expected) if references.unsure else failed("replications", found, expected)


def _registry(**properties: object) -> Mapping[str, object]:
    return {"type": REGISTRY, "name": "images", "properties": {"sku": {"name": "Premium"}, **properties}}


RULE = ResourceRule(
    id="ACR-08",
    title="Container registry of production survives the loss of a zone and of a region",
    severity=Severity.LOW,
    scope="graph",
    types=(REGISTRY,),
    check=_check,
    covers=(
        "CKV_AZURE_165",
        "CKV_AZURE_233",
        "Azure.ACR.GeoReplica",
    ),
    packs=("hardened",),
    options={"replicas": Option(default=1, help="how many other regions hold a copy; 0 where images must stay in one")},
    failing=(
        Example(name="neither", resources=[_registry()]),
        Example(name="no copy", resources=[_registry(zoneRedundancy="Enabled")]),
        Example(name="no zones", resources=[_registry(zoneRedundancy="Disabled"), _COPY]),
    ),
    passing=(
        Example(name="zones and a copy", resources=[_registry(zoneRedundancy="Enabled"), _COPY]),
        Example(name="images must stay", resources=[_registry(zoneRedundancy="Enabled")], settings={"replicas": 0}),
    ),
)
