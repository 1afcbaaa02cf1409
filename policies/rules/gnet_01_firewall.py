"""No firewall lets the whole internet in to ports from which machines are administered, or to all of them.

What: a rule that allows ingress from everywhere (``0.0.0.0/0``, ``::/0``, a half of either, or no source at all)
allows neither every port nor one of ``ports``, which are FTP, SSH, HTTP, MySQL and RDP unless set otherwise. Rules
that are switched off, that deny, or that are for egress are not judged.

Why: such ports are tried by robots within minutes of being opened, and a platform for models needs none of them open.

Fix: name the ranges that may come in; for SSH, those of Identity-Aware Proxy. groundplan's networks let nobody in
from outside.

Decided: published rules look at ``sourceRanges`` of 0.0.0.0/0 alone. Google takes every address where no source is
named, IPv6 has its own everywhere, and a protocol without ports means all ports; each counts as open. Rules of
network and hierarchical firewall policies open the same ports and are asked alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

from ..conditions import all_of, differs, equals, when
from ..outcome import PASS, Outcome, failed, not_applicable, passed, unknown
from ..paths import each, get
from ..resource import Resource
from ..rule import Check, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, Secret, Unknown

FIREWALL = "gcp:compute/firewall:Firewall"
RULES = (
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule",
    "gcp:compute/regionNetworkFirewallPolicyRule:RegionNetworkFirewallPolicyRule",
    "gcp:compute/firewallPolicyRule:FirewallPolicyRule",
)
PROTOCOLS = frozenset({"tcp", "udp", "6", "17"})
EXPECTED = "named sources, or ports that are harmless"
_HALF = 1
"""The longest prefix that still is half of all addresses."""


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """Where a kind of rule keeps what it allows, from whom, and what else may name its sources."""

    entries: str
    protocol: str
    ranges: str
    others: tuple[str, ...]
    judged: Check


_IN = differs("disabled", True, absent=False)
_SHAPE = _Shape(
    entries="allows[]",
    protocol="protocol",
    ranges="sourceRanges",
    others=("sourceTags", "sourceServiceAccounts"),
    judged=all_of(equals("direction", "INGRESS", absent="INGRESS"), _IN),
)
_POLICY_SHAPE = _Shape(
    entries="match.layer4Configs[]",
    protocol="ipProtocol",
    ranges="match.srcIpRanges",
    others=tuple(
        f"match.src{name}"
        for name in ("AddressGroups", "Fqdns", "Networks", "RegionCodes", "SecureTags", "ThreatIntelligences")
    ),
    judged=all_of(
        equals("direction", "INGRESS"),
        equals("action", "allow"),
        differs("match.srcNetworkScope", "NON_INTERNET", "VPC_NETWORKS", "INTRA_VPC"),
        _IN,
    ),
)


def _check(resource: Resource, facts: Facts) -> Said:
    shape = _SHAPE if resource.type == FIREWALL else _POLICY_SHAPE

    def ports(resource: Resource, facts: Facts) -> Said:
        return _ports(resource, shape, facts.texts("ports"))

    return when(shape.judged, ports, "it lets nobody in from outside")(resource, facts)


def _ports(resource: Resource, shape: _Shape, refused: tuple[str, ...]) -> Said:
    sources = _openness(resource, shape)
    if sources is False:
        return passed(shape.ranges)
    found = [_entry(path, entry, shape.protocol, refused) for path, entry in resource.each(shape.entries)]
    if sources is None:
        return PASS if all(one == PASS for one in found) else unknown(shape.ranges, EXPECTED)
    return found or not_applicable("it allows nothing")


def _openness(resource: Resource, shape: _Shape) -> bool | None:
    """Whether everybody is let in; None where that is known after deployment."""
    ranges = [one for _, one in resource.each(f"{shape.ranges}[]")]
    if any(_is_everywhere(one) for one in ranges):
        return True
    if any(isinstance(one, (Unknown, Secret)) for one in ranges):
        return None
    return not ranges and all(resource.get(one) in (ABSENT, []) for one in shape.others)


def _is_everywhere(address: object) -> bool:
    try:
        return isinstance(address, str) and ip_network(address, strict=False).prefixlen <= _HALF
    except ValueError:
        return False


def _entry(path: str, entry: object, protocol_key: str, refused: tuple[str, ...]) -> Outcome:
    protocol = get(entry, protocol_key)
    if isinstance(protocol, (Unknown, Secret)):
        return unknown(f"{path}.{protocol_key}", EXPECTED)
    if str(protocol).lower() == "all":
        return failed(f"{path}.{protocol_key}", "every protocol from everywhere", EXPECTED)
    if str(protocol).lower() not in PROTOCOLS:
        return PASS
    ports = [one for _, one in each(entry, "ports[]")]
    if not ports:
        return failed(f"{path}.ports", "every port from everywhere", EXPECTED)
    return _listed(f"{path}.ports", ports, refused)


def _listed(path: str, ports: list[object], refused: tuple[str, ...]) -> Outcome:
    bad = [one for one in ports if any(_holds(str(one), int(port)) for port in refused)]
    if bad:
        return failed(path, f"{', '.join(map(str, bad))} from everywhere", EXPECTED)
    return unknown(path, EXPECTED) if any(isinstance(one, (Unknown, Secret)) for one in ports) else PASS


def _holds(ports: str, port: int) -> bool:
    first, _, last = ports.partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return False


def _rule(properties: Mapping[str, object]) -> dict[str, object]:
    return {"direction": "INGRESS", "action": "allow", **properties}


_SSH = {"protocol": "tcp", "ports": ["22"]}

RULE = ResourceRule(
    id="GNET-01",
    title="Firewall closed to the internet",
    severity=Severity.HIGH,
    types=(FIREWALL, *RULES),
    check=_check,
    covers=(
        "CKV_GCP_2",
        "CKV_GCP_3",
        "CKV_GCP_75",
        "CKV_GCP_77",
        "CKV_GCP_88",
        "CKV_GCP_106",
        "CKV2_GCP_12",
    ),
    packs=("baseline", "hardened"),
    options={
        "ports": Option(default=("20", "21", "22", "80", "3306", "3389"), help="ports that nobody outside may reach"),
    },
    remedy="network.access: private",
    failing=(
        example("SSH from everywhere", FIREWALL, {"sourceRanges": ["0.0.0.0/0"], "allows": [_SSH]}),
        example("SSH from every address of IPv6", FIREWALL, {"sourceRanges": ["::/0"], "allows": [_SSH]}),
        example("SSH without a source", FIREWALL, {"allows": [_SSH]}),
        example("SSH from both halves", FIREWALL, {"sourceRanges": ["0.0.0.0/1", "128.0.0.0/1"], "allows": [_SSH]}),
        example(
            "a range that holds RDP",
            FIREWALL,
            {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "tcp", "ports": ["443", "3000-4000"]}]},
        ),
        example("every port", FIREWALL, {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "tcp"}]}),
        example("every protocol", FIREWALL, {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "all"}]}),
        example(
            "a rule of a policy",
            RULES[0],
            _rule({"match": {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": [{"ipProtocol": "tcp", "ports": ["22"]}]}}),
        ),
        example(
            "a rule of a policy for the internet",
            RULES[2],
            _rule({"match": {"srcNetworkScope": "INTERNET", "layer4Configs": [{"ipProtocol": "all"}]}}),
        ),
        example(
            "a port of one's own list",
            FIREWALL,
            {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "tcp", "ports": ["8080"]}]},
            settings={"ports": ("8080",)},
        ),
    ),
    passing=(
        example("SSH from one range", FIREWALL, {"sourceRanges": ["35.235.240.0/20"], "allows": [_SSH]}),
        example("SSH from tagged machines", FIREWALL, {"sourceTags": ["jump"], "allows": [_SSH]}),
        example(
            "HTTPS from everywhere",
            FIREWALL,
            {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "tcp", "ports": ["443"]}]},
        ),
        example("ping from everywhere", FIREWALL, {"sourceRanges": ["0.0.0.0/0"], "allows": [{"protocol": "icmp"}]}),
        example(
            "a rule of a policy for one's own range",
            RULES[0],
            _rule({"match": {"srcIpRanges": ["10.0.0.0/8"], "layer4Configs": [{"ipProtocol": "all"}]}}),
        ),
    ),
)
