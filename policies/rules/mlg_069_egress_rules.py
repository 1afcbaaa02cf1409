"""Where a managed network lets out, it lets out to hosts that somebody looked at.

What: each rule for a host name, of the resource ManagedNetworkSettingsRule or in ``managedNetwork.outboundRules`` of a
workspace, is one of the setting ``hosts``, where that names any. A wildcard for everything, or for a whole top-level
domain such as ``*.com``, is refused in any case. A workspace whose network lets out all is not judged here; AML-06 is.

Why: one host that takes uploads is enough to carry out all the data; a package index of strangers is enough to bring
in their code.

Fix: write only what training needs into ``network.allowed_outbound`` in groundplan.yaml; for packages your company's
own mirror.
"""

from collections.abc import Iterator, Mapping

from ..conditions import folded, judged
from ..outcome import Outcome, not_applicable
from ..project import is_hidden, mapping
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

RULE_TYPE = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
WORKSPACE = "azure-native:machinelearningservices:Workspace"


def _check(resource: Resource, facts: Facts) -> Said:
    found = [_judged(path, host, facts) for path, host in _hosts(resource)]
    return found or not_applicable("it lets out to no host")


def _hosts(resource: Resource) -> Iterator[tuple[str, object]]:
    if resource.type == RULE_TYPE:
        if folded(resource.get("properties.type")) == "fqdn":
            yield "properties.destination", resource.get("properties.destination")
        return
    rules = resource.get("managedNetwork.outboundRules")
    if is_hidden(rules):
        yield "managedNetwork.outboundRules", rules
    for name, rule in mapping(rules).items():
        if folded(mapping(rule).get("type")) == "fqdn":
            yield f"managedNetwork.outboundRules.{name}.destination", mapping(rule).get("destination", ABSENT)


def _judged(path: str, host: object, facts: Facts) -> Outcome:
    allowed = {one.lower() for one in facts.texts("hosts")}
    expected = " or ".join(facts.texts("hosts")) or "a host, or *. and a domain of somebody's own"
    return judged(path, host, lambda found: _is_narrow(str(found)) and _is_in(str(found), allowed), expected)


def _is_in(host: str, allowed: set[str]) -> bool:
    return not allowed or host.lower() in allowed


def _is_narrow(host: str) -> bool:
    domain = host.removeprefix("*.")
    return "*" not in domain and (not host.startswith("*.") or "." in domain)


def _rule(destination: str) -> Mapping[str, object]:
    return {"properties": {"type": "FQDN", "category": "UserDefined", "destination": destination}}


def _workspace(destination: str) -> Mapping[str, object]:
    rules = {"packages": {"type": "FQDN", "destination": destination}}
    return {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": rules}}


RULE = ResourceRule(
    id="MLG-069",
    title="Egress of managed networks only to reviewed hosts",
    severity=Severity.MEDIUM,
    types=(RULE_TYPE, WORKSPACE),
    check=_check,
    relates_to=("MCSB NS-2", "NIST-800-53r5 SC-7(5)"),
    packs=("governance",),
    remedy="network: {allowed_outbound: [packages.example.com]}",
    options={"hosts": Option(default=(), help="the hosts that somebody looked at; none: any that is named")},
    failing=(
        example("everything", RULE_TYPE, _rule("*")),
        example("a top-level domain", RULE_TYPE, _rule("*.com")),
        example("not looked at", RULE_TYPE, _rule("pypi.org"), settings={"hosts": ("packages.example.com",)}),
        example("a workspace's own rule", WORKSPACE, _workspace("*")),
    ),
    passing=(
        example("a host", RULE_TYPE, _rule("packages.example.com")),
        example("a domain of one's own", RULE_TYPE, _rule("*.example.com")),
        example("looked at", WORKSPACE, _workspace("pypi.org"), settings={"hosts": ("PyPI.org",)}),
    ),
)
