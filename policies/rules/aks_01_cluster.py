"""A Kubernetes cluster on which models are trained or served is closed, and says who did what.

What: for a cluster: ``apiServerAccessProfile.enablePrivateCluster``, ``disableLocalAccounts`` and ``enableRBAC`` are
true; ``networkProfile.networkPolicy`` names one; ``diskEncryptionSetID`` is set; of ``addonProfiles``, azurepolicy
and omsagent are enabled, azureKeyvaultSecretsProvider renews what it has read, and the retired kubeDashboard and
httpApplicationRouting are not. For each pool of nodes, in the cluster or on its own: ``enableEncryptionAtHost`` is
true, nodes have no public address, and the pool is no availability set. With the setting ``operations`` also: a tier
with an availability promise, automatic upgrades, 50 pods or more on a node, ephemeral disks of the system, and system
pools for the system alone.

Why: a cluster runs whatever it is given. An open API, a shared administrator or a flat network make one stolen token
enough for every model and every secret in it.

Fix: set what is missing; each setting is a finding of its own. groundplan makes no clusters: they come with a compute
that is attached.

Decided: a cluster whose API is open to a list of addresses fails, though a published rule takes that: a private API
is asked for by another. The API of Azure does not say what an absent ``enableRBAC`` means, so it must be said. Tier,
upgrades, pods and disks are no matter of security, and so are judged only where a setting asks for it: the published
rules about them count as not covered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from .. import paths
from ..conditions import all_of, differs, equals, folded, is_set, judged, number, outcomes_of
from ..outcome import Outcome, failed, passed, unknown
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, SECRET, Unknown

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"

_closed = all_of(
    equals("apiServerAccessProfile.enablePrivateCluster", True, absent=False),
    equals("disableLocalAccounts", True, absent=False),
    equals("enableRBAC", True),
    differs("networkProfile.networkPolicy", "none", absent="none"),
    is_set("diskEncryptionSetID", "the id of a disk encryption set"),
)
_kept_up = all_of(
    equals("sku.tier", "Standard", "Premium", absent="Free"),
    differs("autoUpgradeProfile.upgradeChannel", "none", absent="none"),
)
_SYSTEM_ONLY = "criticaladdonsonly=true:noschedule"


def _check(resource: Resource, facts: Facts) -> Said:
    operations = facts.on("operations")
    if resource.type == POOL:
        return _pool("", resource.properties, operations)
    pools = [
        one for place, pool in resource.each("agentPoolProfiles[]") for one in _pool(f"{place}.", pool, operations)
    ]
    upkeep = outcomes_of(_kept_up(resource, facts)) if operations else []
    return [*outcomes_of(_closed(resource, facts)), *_addons(resource), *pools, *upkeep]


def _addons(cluster: Resource) -> Iterator[Outcome]:
    for name, enabled in (
        ("azurepolicy", True),
        ("omsagent", True),
        ("httpApplicationRouting", False),
        ("kubeDashboard", False),
    ):
        yield _addon(cluster, name, "enabled", enabled)
    yield _addon(cluster, "azureKeyvaultSecretsProvider", "enabled", True)
    yield _addon(cluster, "azureKeyvaultSecretsProvider", "config.enableSecretRotation", True)


def _addon(cluster: Resource, name: str, key: str, wanted: bool) -> Outcome:
    """An add-on's setting; Azure writes the names of add-ons in several ways, so their case does not count."""
    profiles = cluster.get("addonProfiles")
    written = next((one for one in _names(profiles) if one.lower() == name.lower()), name)
    return _equal(f"addonProfiles.{written}.{key}", paths.get(profiles, f"{written}.{key}"), wanted, absent=False)


def _names(profiles: object) -> Sequence[str]:
    return list(cast("Mapping[str, object]", profiles)) if isinstance(profiles, Mapping) else []


def _pool(place: str, pool: object, operations: bool) -> list[Outcome]:
    said = [
        _equal(f"{place}enableEncryptionAtHost", paths.get(pool, "enableEncryptionAtHost"), True, absent=False),
        _equal(f"{place}enableNodePublicIP", paths.get(pool, "enableNodePublicIP"), False, absent=False),
        judged(
            f"{place}type",
            paths.get(pool, "type"),
            lambda value: folded(value) != "availabilityset",
            "VirtualMachineScaleSets",
            absent="VirtualMachineScaleSets",
        ),
    ]
    return [*said, *_upkeep(place, pool)] if operations else said


def _upkeep(place: str, pool: object) -> Iterator[Outcome]:
    yield _chosen(f"{place}maxPods", paths.get(pool, "maxPods"), lambda value: number(value) >= 50, "at least 50")
    ephemeral = paths.get(pool, "osDiskType")
    yield _chosen(f"{place}osDiskType", ephemeral, lambda value: folded(value) == "ephemeral", "Ephemeral")
    if folded(paths.get(pool, "mode")) == "system":
        yield _for_the_system(f"{place}nodeTaints", paths.get(pool, "nodeTaints"))


def _chosen(path: str, value: object, test: Callable[[object], bool], expected: str) -> Outcome:
    """A setting that Azure chooses by the machine or the network where it is absent."""
    return unknown(path, expected) if value is ABSENT else judged(path, value, test, expected)


def _for_the_system(path: str, taints: object) -> Outcome:
    given = [] if taints is ABSENT else list(paths.leaves(taints))
    if any(folded(one) == _SYSTEM_ONLY for one in given):
        return passed(path, "CriticalAddonsOnly")
    expected = "CriticalAddonsOnly=true:NoSchedule"
    unsure = any(isinstance(one, Unknown) or one is SECRET for one in given)
    return unknown(path, expected) if unsure else failed(path, taints, expected)


def _equal(path: str, value: object, wanted: bool, *, absent: bool) -> Outcome:
    text = str(wanted).lower()
    return judged(path, value, lambda found: folded(found) == text, text, absent=absent)


def _cluster(**more: object) -> dict[str, object]:
    rotation = {"enabled": True, "config": {"enableSecretRotation": "true"}}
    return {
        "apiServerAccessProfile": {"enablePrivateCluster": True},
        "disableLocalAccounts": True,
        "enableRBAC": True,
        "networkProfile": {"networkPolicy": "cilium"},
        "diskEncryptionSetID": "/subscriptions/s/des",
        "addonProfiles": {
            "azurepolicy": {"enabled": True},
            "omsagent": {"enabled": True},
            "azureKeyvaultSecretsProvider": rotation,
        },
        "agentPoolProfiles": [{"name": "system", "mode": "System", "enableEncryptionAtHost": True}],
        **more,
    }


_UPKEEP = {
    "sku": {"name": "Base", "tier": "Standard"},
    "autoUpgradeProfile": {"upgradeChannel": "patch"},
    "agentPoolProfiles": [
        {
            "mode": "System",
            "enableEncryptionAtHost": True,
            "maxPods": 50,
            "osDiskType": "Ephemeral",
            "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"],
        }
    ],
}


RULE = ResourceRule(
    id="AKS-01",
    title="Kubernetes cluster is private, keyless, separated, watched and encrypted",
    severity=Severity.HIGH,
    types=(
        CLUSTER,
        POOL,
    ),
    check=_check,
    covers=(
        "CKV_AZURE_4",
        "CKV_AZURE_5",
        "CKV_AZURE_6",
        "CKV_AZURE_7",
        "CKV_AZURE_8",
        "CKV_AZURE_115",
        "CKV_AZURE_116",
        "CKV_AZURE_117",
        "CKV_AZURE_141",
        "CKV_AZURE_143",
        "CKV_AZURE_169",
        "CKV_AZURE_172",
        "CKV_AZURE_227",
        "CKV_AZURE_246",
        "Azure.AKS.*",
        "AZU-0040",
        "AZU-0041",
        "AZU-0042",
        "AZU-0043",
        "AZU-0065",
        "AZU-0066",
        "AZU-0067",
    ),
    packs=("hardened",),
    options={"operations": Option(default=False, help="whether settings of availability and upkeep are judged too")},
    failing=(
        example("an open API", CLUSTER, _cluster(apiServerAccessProfile={"enablePrivateCluster": False})),
        example("Azure's defaults", CLUSTER, {}),
        example("local accounts", CLUSTER, _cluster(disableLocalAccounts=False)),
        example("a flat network", CLUSTER, _cluster(networkProfile={"networkPolicy": "none"})),
        example("no add-ons", CLUSTER, _cluster(addonProfiles={})),
        example("nodes that are not encrypted", CLUSTER, _cluster(agentPoolProfiles=[{"name": "system"}])),
        example("a pool with public addresses", POOL, {"enableEncryptionAtHost": True, "enableNodePublicIP": True}),
        example("no upkeep", CLUSTER, _cluster(), settings={"operations": True}),
    ),
    passing=(
        example("closed", CLUSTER, _cluster()),
        example("a pool on its own", POOL, {"enableEncryptionAtHost": True}),
        example("closed and kept up", CLUSTER, _cluster(**_UPKEEP), settings={"operations": True}),
    ),
)
