"""Private DNS: the names of Google's services lead to addresses that never leave Google's network.

Within a service perimeter they lead to the restricted addresses, which serve only what a perimeter can enclose
(https://cloud.google.com/vpc/docs/configure-private-google-access).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_gcp import compute, dns

from ..contract.component import Component
from . import names
from .labels import labels

DOMAINS: Final = (
    "googleapis.com",
    "pkg.dev",
    "gcr.io",
    "notebooks.cloud.google.com",
    "notebooks.googleusercontent.com",
)
"""Where Vertex AI, storage, images and notebooks answer."""

_TTL_SECONDS: Final = 300


def addresses(*, restricted: bool) -> str:
    """The addresses of Google's services: the restricted ones, or all that can be reached privately."""
    return "199.36.153.4/30" if restricted else "199.36.153.8/30"


def zones(component: Component, network: compute.Network, *, restricted: bool) -> Mapping[str, dns.ManagedZone]:
    """A private zone for each domain, with its records, by the domain's name."""
    return {domain: _zone(component, network, domain, restricted=restricted) for domain in DOMAINS}


def _zone(component: Component, network: compute.Network, domain: str, *, restricted: bool) -> dns.ManagedZone:
    label = domain.replace(".", "-")
    zone = dns.ManagedZone(
        f"{component.name}-zone-{label}",
        project=component.context.account.project,
        name=names.within(component.context, 63, label),
        dns_name=f"{domain}.",
        description=f"{domain} by private addresses",
        visibility="private",
        private_visibility_config={"networks": [{"network_url": network.id}]},
        labels=labels(component.context),
        opts=component.child(),
    )
    host = f"{_host(restricted)}." if domain == "googleapis.com" else ""
    _record(component, zone, f"{label}-a", f"{host}{domain}.", "A", _hosts(restricted))
    _record(component, zone, f"{label}-cname", f"*.{domain}.", "CNAME", [f"{host}{domain}."])
    return zone


def _record(
    component: Component, zone: dns.ManagedZone, name: str, address: str, type: str, values: list[str]
) -> pulumi.Resource:
    return dns.RecordSet(
        f"{component.name}-record-{name}",
        project=component.context.account.project,
        managed_zone=zone.name,
        name=address,
        type=type,
        ttl=_TTL_SECONDS,
        rrdatas=values,
        opts=component.child(),
    )


def _host(restricted: bool) -> str:
    return "restricted" if restricted else "private"


def _hosts(restricted: bool) -> list[str]:
    first = 4 if restricted else 8
    return [f"199.36.153.{last}" for last in range(first, first + 4)]
