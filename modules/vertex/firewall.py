"""The firewall of a VPC: nobody reaches in; machines reach each other, Google's services, and hosts that are named.

A network firewall policy, because only a policy's rules can name hosts.
"""

from __future__ import annotations

from typing import Final, Literal

import pulumi
from pulumi_gcp import compute

from ..contract.component import Component
from ..contract.network import NetworkArguments
from . import names, private_dns

_ANYWHERE: Final = "0.0.0.0/0"
_PRIVATE_RANGES: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def protect(
    component: Component, network: compute.Network, arguments: NetworkArguments, addresses: str
) -> list[pulumi.Resource]:
    """Put a network under a policy; ``addresses`` are its own. A hub, and who joins one, may speak to the other."""
    policy = compute.NetworkFirewallPolicy(
        f"{component.name}-firewall",
        project=component.context.account.project,
        name=names.within(component.context, 63),
        description="Nobody reaches in; out only to what is named",
        opts=component.child(depends_on=list(arguments.foundation.ready)),
    )
    joined = arguments.hub or arguments.hub_network_id is not None
    within: list[str] = [*_PRIVATE_RANGES] if joined else [addresses]
    rules = [
        _rule(component, policy, "inside-in", 100, sources=within),
        _rule(component, policy, "nobody-in", 65000, sources=[_ANYWHERE], action="deny"),
    ]
    if arguments.access == "private":
        google = [private_dns.addresses(restricted=arguments.perimeter)]
        rules += [
            _rule(component, policy, "inside-out", 110, destinations=within),
            _rule(component, policy, "google-out", 120, destinations=google, ports=["443"]),
            _rule(component, policy, "nothing-out", 65001, destinations=[_ANYWHERE], action="deny"),
        ]
        if arguments.allowed_outbound:
            rules.append(_rule(component, policy, "named-out", 130, hosts=[*arguments.allowed_outbound], ports=["443"]))
    association = compute.NetworkFirewallPolicyAssociation(
        f"{component.name}-firewall-association",
        project=component.context.account.project,
        name=names.within(component.context, 63),
        firewall_policy=policy.name,
        attachment_target=network.id,
        opts=component.child(depends_on=rules),
    )
    return [association]


def _rule(
    component: Component,
    policy: compute.NetworkFirewallPolicy,
    name: str,
    priority: int,
    *,
    action: Literal["allow", "deny"] = "allow",
    sources: list[str] | None = None,
    destinations: list[str] | None = None,
    hosts: list[str] | None = None,
    ports: list[str] | None = None,
) -> compute.NetworkFirewallPolicyRule:
    """A rule on what comes from ``sources``, or on what goes to ``destinations`` or ``hosts``; refusals are logged.

    With ``ports`` it is about TCP, else about everything.
    """
    return compute.NetworkFirewallPolicyRule(
        f"{component.name}-{name}",
        project=component.context.account.project,
        firewall_policy=policy.name,
        rule_name=name,
        priority=priority,
        direction="INGRESS" if sources else "EGRESS",
        action=action,
        enable_logging=action == "deny",
        match=compute.NetworkFirewallPolicyRuleMatchArgs(
            layer4_configs=[
                compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgs(
                    ip_protocol="tcp" if ports else "all", ports=ports
                )
            ],
            src_ip_ranges=sources,
            dest_ip_ranges=destinations,
            dest_fqdns=hosts,
        ),
        opts=component.child(),
    )
