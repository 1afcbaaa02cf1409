"""No rule of a network lets the internet in where attackers look first.

What: no inbound rule that allows traffic, of a security group or on its own, lets every address (``*``, Internet,
``0.0.0.0/0``, ``::/0``) reach a port of the setting ``ports`` over TCP, or any port over UDP. The protocol ``*``
holds UDP.

Why: ports for logging in are tried all day by everybody, plain HTTP hides nothing, and services over UDP are made to
flood others.

Fix: name the addresses that need the port in ``sourceAddressPrefixes``, or go through a bastion or a private
endpoint; groundplan's own rules allow nothing from outside the network.

Decided: each rule is judged alone, as published rules do, even if one of a higher priority refuses what it allows:
that one may be gone tomorrow. Unlike them, the protocol ``*`` counts as UDP, which it allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from .. import paths
from ..conditions import folded, number
from ..outcome import PASS, Outcome, failed, passed, unknown
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, SECRET, Unknown

GROUP = "azure-native:network:NetworkSecurityGroup"
SINGLE = "azure-native:network:SecurityRule"

_EVERYBODY = ("*", "any", "internet", "0.0.0.0", "::")  # noqa: S104 nothing is bound


def _check(resource: Resource, facts: Facts) -> Said:
    single = resource.type == SINGLE
    rules = [("", cast("object", resource.properties))] if single else list(resource.each("securityRules[]"))
    return [_judged(place, rule, facts.texts("ports")) for place, rule in rules] or PASS


def _judged(place: str, rule: object, ports: Sequence[str]) -> Outcome:
    asked = (
        _is(rule, "direction", "inbound"),
        _is(rule, "access", "allow"),
        _from_everybody(rule),
        _opens(rule, ports),
    )
    lets_in = _told(asked, False)
    key = "destinationPortRanges" if paths.get(rule, "destinationPortRange") is ABSENT else "destinationPortRange"
    path = f"{place}.{key}" if place else key
    expected = f"no way from the internet to TCP {', '.join(ports)} or to UDP"
    if lets_in is None:
        return unknown(path, expected)
    return failed(path, _shown(rule), expected) if lets_in else passed(place)


def _opens(rule: object, ports: Sequence[str]) -> bool | None:
    """Whether a port is open that should not be; None where it cannot be told."""
    protocol = paths.get(rule, "protocol")
    if isinstance(protocol, str) and protocol.lower() != "tcp":
        return protocol.lower() in ("udp", "*")
    given = _given(rule, "destinationPortRange", "destinationPortRanges")
    covers = _told((_covers(one, ports) for one in given), True) if given else True
    return None if covers and not isinstance(protocol, str) else covers


def _covers(ports: object, wanted: Sequence[str]) -> bool | None:
    if isinstance(ports, Unknown) or ports is SECRET:
        return None
    for one in str(ports).split(","):
        low, _, high = one.strip().partition("-")
        if low == "*" or any(number(low) <= number(port) <= number(high or low) for port in wanted):
            return True
    return False


def _from_everybody(rule: object) -> bool | None:
    given = _given(rule, "sourceAddressPrefix", "sourceAddressPrefixes")
    if not given:
        return paths.get(rule, "sourceApplicationSecurityGroups") is ABSENT
    return _told((_everybody(one) for one in given), True)


def _everybody(source: object) -> bool | None:
    if isinstance(source, Unknown) or source is SECRET:
        return None
    return str(source).lower() in _EVERYBODY or str(source).endswith("/0")


def _is(rule: object, path: str, wanted: str) -> bool | None:
    value = paths.get(rule, path)
    return None if isinstance(value, Unknown) or value is SECRET else folded(value) == wanted


def _given(rule: object, *keys: str) -> list[object]:
    """All values that stand at these keys, in lists or alone."""
    found = [paths.get(rule, key) for key in keys]
    return [leaf for one in found if one is not ABSENT for leaf in paths.leaves(one)]


def _told(answers: Iterable[bool | None], decisive: bool) -> bool | None:
    """``decisive`` where one answer is that, None where one cannot be told, else the opposite."""
    given = list(answers)
    return decisive if decisive in given else None if None in given else not decisive


def _shown(rule: object) -> str:
    ports = _given(rule, "destinationPortRange", "destinationPortRanges") or ["*"]
    sources = _given(rule, "sourceAddressPrefix", "sourceAddressPrefixes") or ["*"]
    return f"{paths.get(rule, 'protocol')} {_listed(ports)} from {_listed(sources)}"


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(one) for one in values)


def _inbound(**more: object) -> dict[str, object]:
    allowed = {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "*"}
    return {**allowed, "destinationPortRange": "22", **more}


RULE = ResourceRule(
    id="NET-01",
    title="Internet does not reach SSH, RDP, HTTP or UDP",
    severity=Severity.HIGH,
    types=(
        GROUP,
        SINGLE,
    ),
    check=_check,
    covers=(
        "CKV_AZURE_9",
        "CKV_AZURE_10",
        "CKV_AZURE_160",
        "CKV_AZURE_77",
        "AZU-0047",
        "AZU-0048",
        "AZU-0050",
        "AC_AZURE_*",
        "Azure.NSG.AnyInboundSource",
    ),
    packs=("baseline", "hardened"),
    options={"ports": Option(default=("22", "3389", "80"), help="the TCP ports that the internet must not reach")},
    failing=(
        example("SSH", SINGLE, _inbound()),
        example("a range that holds RDP", SINGLE, _inbound(destinationPortRange="3000-4000")),
        example(
            "HTTP among others",
            GROUP,
            {"securityRules": [_inbound(destinationPortRange=None, destinationPortRanges=["443", "80"])]},
        ),
        example("UDP", SINGLE, _inbound(protocol="Udp", destinationPortRange="53")),
        example(
            "a list of sources",
            SINGLE,
            _inbound(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "0.0.0.0/0"]),
        ),
    ),
    passing=(
        example("from the network", SINGLE, _inbound(sourceAddressPrefix="VirtualNetwork")),
        example("HTTPS", SINGLE, _inbound(destinationPortRange="443")),
        example("refused", SINGLE, _inbound(access="Deny", protocol="*", destinationPortRange="*")),
        example("outbound", GROUP, {"securityRules": [_inbound(direction="Outbound")]}),
        example("no rules", GROUP, {}),
    ),
)
