"""What Google Cloud asks of networks: subnets, ways in and out, private names, peerings, the perimeter."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_API = "cloud.google.com/compute/docs/reference/rest/v1"
_DNS = "cloud.google.com/dns/docs/reference/rest/v1"
_PERIMETER = "cloud.google.com/access-context-manager/docs/reference/rest/v1/accessPolicies.servicePerimeters"
_CIDR = r"(\d{1,3}\.){3}\d{1,3}/([0-9]|[12][0-9]|3[0-2])"


def _name() -> NameRule:
    return NameRule(property="name", pattern=r"[a-z]([-a-z0-9]*[a-z0-9])?", minimum=1, maximum=63, unique="account")


RULES = {
    "gcp:compute/network:Network": TypeRules(
        source=f"{_API}/networks",
        name=_name(),
        replaced_by=frozenset({"project", "name", "description", "autoCreateSubnetworks"}),
        choices={"routingMode": frozenset({"REGIONAL", "GLOBAL"})},
    ),
    "gcp:compute/subnetwork:Subnetwork": TypeRules(
        source=f"{_API}/subnetworks",
        name=_name(),
        replaced_by=frozenset({"project", "region", "name", "network", "description"}),
        patterns={"ipCidrRange": r"(\d{1,3}\.){3}\d{1,3}/([4-9]|[12][0-9])"},
        ranges={"logConfig.flowSampling": (0, 1)},
        choices={
            "stackType": frozenset({"IPV4_ONLY", "IPV4_IPV6", "IPV6_ONLY"}),
            "logConfig.aggregationInterval": frozenset(
                {
                    "INTERVAL_5_SEC",
                    "INTERVAL_30_SEC",
                    "INTERVAL_1_MIN",
                    "INTERVAL_5_MIN",
                    "INTERVAL_10_MIN",
                    "INTERVAL_15_MIN",
                }
            ),
        },
    ),
    "gcp:compute/route:Route": TypeRules(
        source=f"{_API}/routes",
        name=_name(),
        replaced_by=frozenset(
            {"project", "name", "network", "destRange", "priority", "nextHopGateway", "nextHopIp", "tags"}
        ),
        exactly_one=(frozenset({"nextHopGateway", "nextHopIlb", "nextHopInstance", "nextHopIp", "nextHopVpnTunnel"}),),
        patterns={"destRange": _CIDR},
        ranges={"priority": (0, 65535)},
    ),
    "gcp:compute/router:Router": TypeRules(
        source=f"{_API}/routers", name=_name(), replaced_by=frozenset({"project", "region", "name", "network"})
    ),
    "gcp:compute/routerNat:RouterNat": TypeRules(
        source=f"{_API}/routers",
        name=NameRule(property="name", pattern=r"[a-z]([-a-z0-9]*[a-z0-9])?", minimum=1, maximum=63, unique="parent"),
        replaced_by=frozenset({"project", "region", "name", "router"}),
        choices={
            "natIpAllocateOption": frozenset({"AUTO_ONLY", "MANUAL_ONLY"}),
            "logConfig.filter": frozenset({"ERRORS_ONLY", "TRANSLATIONS_ONLY", "ALL"}),
        },
    ),
    "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy": TypeRules(
        source=f"{_API}/networkFirewallPolicies", name=_name(), replaced_by=frozenset({"project", "name"})
    ),
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule": TypeRules(
        source=f"{_API}/networkFirewallPolicies/addRule",
        replaced_by=frozenset({"project", "firewallPolicy", "priority"}),
        ranges={"priority": (0, 2147483547)},
        choices={
            "action": frozenset({"allow", "deny", "goto_next", "apply_security_profile_group"}),
            "direction": frozenset({"INGRESS", "EGRESS"}),
        },
        patterns={"ruleName": r"[a-z]([-a-z0-9]*[a-z0-9])?"},
    ),
    "gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation": TypeRules(
        source=f"{_API}/networkFirewallPolicies/addAssociation",
        replaced_by=frozenset({"project", "name", "firewallPolicy", "attachmentTarget"}),
    ),
    "gcp:compute/networkAttachment:NetworkAttachment": TypeRules(
        source=f"{_API}/networkAttachments",
        name=_name(),
        replaced_by=frozenset({"project", "region", "name", "connectionPreference"}),
        choices={"connectionPreference": frozenset({"ACCEPT_AUTOMATIC", "ACCEPT_MANUAL"})},
    ),
    "gcp:compute/globalAddress:GlobalAddress": TypeRules(
        source=f"{_API}/globalAddresses",
        name=_name(),
        replaced_by=frozenset(
            {"project", "name", "address", "addressType", "prefixLength", "purpose", "network", "description"}
        ),
        ranges={"prefixLength": (8, 29)},
        choices={"purpose": frozenset({"VPC_PEERING", "PRIVATE_SERVICE_CONNECT"})},
    ),
    "gcp:servicenetworking/connection:Connection": TypeRules(
        source="cloud.google.com/service-infrastructure/docs/service-networking/reference/rest/v1/services.connections",
        replaced_by=frozenset({"network", "service"}),
    ),
    "gcp:compute/networkPeering:NetworkPeering": TypeRules(
        source=f"{_API}/networks/addPeering",
        name=NameRule(property="name", pattern=r"[a-z]([-a-z0-9]*[a-z0-9])?", minimum=1, maximum=63, unique="parent"),
        replaced_by=frozenset({"name", "network", "peerNetwork"}),
    ),
    "gcp:dns/managedZone:ManagedZone": TypeRules(
        source=f"{_DNS}/managedZones",
        name=_name(),
        replaced_by=frozenset({"project", "name", "dnsName", "visibility"}),
        patterns={"dnsName": r"([a-z0-9_]([-a-z0-9_]*[a-z0-9])?\.)+", "description": r"(?s).{1,1024}"},
        choices={"visibility": frozenset({"private", "public"})},
    ),
    "gcp:dns/recordSet:RecordSet": TypeRules(
        source=f"{_DNS}/resourceRecordSets",
        replaced_by=frozenset({"project", "managedZone", "name", "type"}),
        patterns={"name": r"(\*\.)?([a-z0-9_]([-a-z0-9_]*[a-z0-9])?\.)+"},
        exactly_one=(frozenset({"rrdatas", "routingPolicy"}),),
        ranges={"ttl": (0, 2147483647)},
    ),
    "gcp:accesscontextmanager/servicePerimeter:ServicePerimeter": TypeRules(
        source=_PERIMETER,
        name=NameRule(
            property="name",
            pattern=r"accessPolicies/\d+/servicePerimeters/[A-Za-z][A-Za-z0-9_]{0,49}",
            minimum=1,
            maximum=120,
            unique="global",
        ),
        replaced_by=frozenset({"name", "parent", "perimeterType"}),
        choices={"perimeterType": frozenset({"PERIMETER_TYPE_REGULAR", "PERIMETER_TYPE_BRIDGE"})},
        patterns={"parent": r"accessPolicies/\d+"},
    ),
}
"""By type token."""
