"""Type tokens: one for a resource type, however a program, a provider's version or a person writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_VERSION = re.compile(r"^(?P<module>[^/]+)/v\d{8}\w*$")
_LOCAL_PACKAGE = re.compile(r"^azure-native_.+_v\d{8}\w*$")

MOVED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "applicationinsights": (
        "insights",
        ("AnalyticsItem", "Component", "ComponentCurrentBillingFeature", "ComponentLinkedStorageAccount",
         "ExportConfiguration", "Favorite", "MyWorkbook", "ProactiveDetectionConfiguration", "WebTest", "Workbook",
         "WorkbookTemplate"),
    ),
    "deviceprovisioningservices": (
        "devices", ("DpsCertificate", "IotDpsResource", "IotDpsResourcePrivateEndpointConnection")
    ),
    "dns": ("network", ("DnssecConfig", "RecordSet", "Zone")),
    "dnsresolver": (
        "network",
        ("DnsForwardingRuleset", "DnsResolver", "DnsResolverDomainList", "DnsResolverPolicy",
         "DnsResolverPolicyVirtualNetworkLink", "DnsSecurityRule", "ForwardingRule", "InboundEndpoint",
         "OutboundEndpoint", "PrivateResolverVirtualNetworkLink"),
    ),
    "frontdoor": ("network", ("Experiment", "FrontDoor", "NetworkExperimentProfile", "Policy", "RulesEngine")),
    "privatedns": ("network", ("PrivateRecordSet", "PrivateZone", "VirtualNetworkLink")),
    "redisenterprise": ("cache", ("Database", "RedisEnterprise")),
    "trafficmanager": ("network", ("Endpoint", "Profile", "TrafficManagerUserMetricsKey")),
}  # fmt: skip
"""By their module in azure-native 3: the module of azure-native 2 and the types that moved (the SDK's own aliases)."""

_NOW = {f"{before}:{name}": f"{now}:{name}" for now, (before, names) in MOVED.items() for name in names} | {
    "machinelearningservices:MachineLearningCompute": "machinelearningservices:Compute"
}

RENAMED = {"cache": "redis", "devices": "iothub", "documentdb": "cosmosdb", "insights": "monitor"}
"""Modules that azure-native 3 has no more, and where the rest of their types went."""


@cache
def normalised(token: str) -> str:
    """The token without an API version and in today's module: what rules are written for.

    ``azure-native:storage/v20240101:StorageAccount`` is ``azure-native:storage:StorageAccount``, and so is that of a
    package for one API version, ``azure-native_storage_v20240101:storage:StorageAccount``;
    ``gcp:storage:Bucket`` is ``gcp:storage/bucket:Bucket``.
    """
    package, _, rest = token.partition(":")
    package = "azure-native" if _LOCAL_PACKAGE.match(package) else package
    module, _, name = rest.rpartition(":")
    if package == "azure-native":
        versioned = _VERSION.match(module)
        return f"{package}:{_moved(versioned['module'] if versioned else module, name)}"
    if package == "gcp" and module and "/" not in module and name:
        return f"{package}:{module}/{name[0].lower()}{name[1:]}:{name}"
    return token


def _moved(module: str, name: str) -> str:
    return _NOW.get(f"{module}:{name}") or f"{RENAMED.get(module, module)}:{name}"


def provider_of(type: str) -> str:
    """``azure-native``, ``gcp`` …: the package that a type belongs to."""
    return type.partition(":")[0]


def type_in(urn: str) -> str:
    """The type that a URN names: the engine's, or ``type::name`` of a plain list."""
    pieces = urn.split("::", 3)
    if not urn.startswith("urn:pulumi:"):
        return normalised(pieces[0])
    return normalised(pieces[2].rpartition("$")[2]) if len(pieces) > 2 else ""
