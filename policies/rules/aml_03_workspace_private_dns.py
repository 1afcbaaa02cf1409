"""A workspace's private endpoint is found by name: its DNS zones are kept by Azure.

What: each private endpoint with the group ``amlworkspace`` has a ``PrivateDnsZoneGroup`` that names every zone the
workspace needs: one for its API and one for its notebooks. The setting ``zones`` holds their names, which differ in
Azure's sovereign clouds.

Why: without the records clients resolve the workspace's public name, and either fail or are led around the endpoint;
records kept by hand go stale when the endpoint is made again.

Fix: set ``network.address_space`` in groundplan.yaml, or add a ``PrivateDnsZoneGroup`` with both
zones to the endpoint.

Decided: zones that come from another stack cannot be told apart before deployment, so they are unknown, even where
their configurations carry a telling label.
"""

from collections.abc import Iterator

from ..azure import ENDPOINT
from ..conditions import folded
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity
from ..values import Unknown

GROUP = "azure-native:network:PrivateDnsZoneGroup"
ZONE = "azure-native:privatedns:PrivateZone"
GROUP_IDS = "privateLinkServiceConnections[].groupIds[]"


def _check(endpoint: Resource, facts: Facts) -> Said:
    groups = [group for _place, group in endpoint.each(GROUP_IDS)]
    if not any(folded(group) == "amlworkspace" for group in groups):
        hidden = any(isinstance(group, Unknown) for group in groups)
        return unknown(GROUP_IDS, "known groups") if hidden else not_applicable("it leads to no workspace")
    references = facts.graph.references(GROUP, "privateEndpointName")
    found = [zone for group in references.to(endpoint) for zone in _zones(group, facts)]
    sure = None not in found and not references.unsure
    return [_found(zone, found, sure) for zone in facts.texts("zones")]


def _zones(group: Resource, facts: Facts) -> Iterator[str | None]:
    """The names of the zones of a group in lower case; None for one that is not known."""
    for _place, value in group.each("privateDnsZoneConfigs[].privateDnsZoneId"):
        if isinstance(value, str):
            yield value.rpartition("/")[2].lower()
            continue
        owners = [facts.graph.by_urn.get(urn) for urn in value.of] if isinstance(value, Unknown) else []
        zones = [one for one in owners if one and one.type == ZONE]
        yield from [str(one.properties.get("privateZoneName", one.name)).lower() for one in zones] or [None]


def _found(zone: str, found: list[str | None], sure: bool) -> Outcome:
    expected = f"a DNS zone group with {zone}"
    if zone.lower() in found:
        return passed("", zone)
    return failed("", ", ".join(str(one) for one in found) or "no zone", expected) if sure else unknown("", expected)


_ENDPOINT = {
    "type": ENDPOINT,
    "name": "door",
    "properties": {"privateLinkServiceConnections": [{"privateLinkServiceId": "ws", "groupIds": ["amlworkspace"]}]},
}
_ZONES = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/"


def _group(*zones: str) -> dict[str, object]:
    configs = [{"privateDnsZoneId": zone} for zone in zones]
    return {
        "type": GROUP,
        "name": "zones",
        "properties": {"privateEndpointName": "${door.name}", "privateDnsZoneConfigs": configs},
    }


def _zone(name: str, zone: str) -> dict[str, object]:
    return {"type": ZONE, "name": name, "properties": {"privateZoneName": zone}}


RULE = ResourceRule(
    id="AML-03",
    title="Private DNS zones on the workspace's private endpoint",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ENDPOINT,),
    check=_check,
    options={
        "zones": Option(
            default=("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"),
            help="The private DNS zones that a workspace needs.",
        )
    },
    covers=("azp:ee40564d-486e-4f68-a5ca-7a621edae0fb",),
    packs=("hardened",),
    remedy="network.address_space: 10.10.0.0/16",
    failing=(
        Example(name="no zone group", resources=[_ENDPOINT]),
        Example(name="the notebooks left out", resources=[_ENDPOINT, _group(f"{_ZONES}privatelink.api.azureml.ms")]),
    ),
    passing=(
        Example(
            name="both zones by id",
            resources=[
                _ENDPOINT,
                _group(f"{_ZONES}privatelink.api.azureml.ms", f"{_ZONES}privatelink.notebooks.azure.net"),
            ],
        ),
        Example(
            name="both zones in the same program",
            resources=[
                _ENDPOINT,
                _zone("api", "privatelink.api.azureml.ms"),
                _zone("notebooks", "privatelink.notebooks.azure.net"),
                _group("${api.id}", "${notebooks.id}"),
            ],
        ),
    ),
)
