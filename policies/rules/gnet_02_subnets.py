"""A subnet logs its flows and reaches Google's APIs privately.

What: ``logConfig`` is set and ``privateIpGoogleAccess`` is true. Where the subnet has IPv6,
``privateIpv6GoogleAccess`` is on too. Subnets for Google's proxies, for Private Service Connect and for NAT are not
judged.

Why: flow logs show who talked to whom; without private access, machines that have no public address cannot reach
storage or Vertex AI, and get one.

Fix: set both properties; groundplan's subnets have them.
"""

from collections.abc import Mapping

from ..conditions import all_of, differs, equals, satisfies, when
from ..rule import ResourceRule, Severity, example

SUBNET = "gcp:compute/subnetwork:Subnetwork"
PURPOSES = (
    "REGIONAL_MANAGED_PROXY",
    "GLOBAL_MANAGED_PROXY",
    "INTERNAL_HTTPS_LOAD_BALANCER",
    "PRIVATE_SERVICE_CONNECT",
    "PRIVATE_NAT",
)
_SIX = ("ENABLE_OUTBOUND_VM_ACCESS_TO_GOOGLE", "ENABLE_BIDIRECTIONAL_ACCESS_TO_GOOGLE")
LOGGED = {"logConfig": {"flowSampling": 0.5}}
GOOD = {**LOGGED, "privateIpGoogleAccess": True}

RULE = ResourceRule(
    id="GNET-02",
    title="Subnets with flow logs and private access to Google",
    severity=Severity.MEDIUM,
    types=(SUBNET,),
    check=when(
        differs("purpose", *PURPOSES, absent="PRIVATE"),
        all_of(
            satisfies("logConfig", lambda found: isinstance(found, Mapping), "flow logs"),
            when(
                differs("stackType", "IPV6_ONLY", absent="IPV4_ONLY"),
                equals("privateIpGoogleAccess", True, absent=False),
            ),
            when(
                equals("stackType", "IPV4_IPV6", "IPV6_ONLY", absent="IPV4_ONLY"),
                equals("privateIpv6GoogleAccess", *_SIX, absent="DISABLE_GOOGLE_ACCESS"),
            ),
        ),
        "Google uses this subnet itself",
    ),
    covers=("CKV_GCP_26", "CKV_GCP_74", "CKV_GCP_76", "custom.networkRequireSubnetPrivateGoogleAccess"),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", SUBNET, {"ipCidrRange": "10.0.0.0/24"}),
        example("no private access", SUBNET, LOGGED),
        example("no private access over IPv6", SUBNET, {**GOOD, "stackType": "IPV4_IPV6"}),
    ),
    passing=(
        example("both", SUBNET, GOOD),
        example("the defaults of flow logs", SUBNET, {"logConfig": {}, "privateIpGoogleAccess": True}),
        example("over IPv6 too", SUBNET, {**GOOD, "stackType": "IPV4_IPV6", "privateIpv6GoogleAccess": _SIX[0]}),
    ),
)
