"""A cluster of GKE and its nodes are set up as a hardened cluster is.

What: of a cluster: private nodes; a control plane that is reached privately, or from named networks; logs, metrics
and labels; no certificates for clients, no attribute-based access, no alpha features, no node pools inside it;
network policy or Dataplane V2; addresses of the VPC, and traffic between pods of a node visible; groups of Google for
access; Binary Authorization; a release channel; workload identity; shielded nodes. Of nodes: GKE's metadata server
and not the old one; secure boot and integrity monitoring; a service account of their own; Container-Optimized OS;
repair and upgrade by themselves. Each is a finding of its own, with its own path.

Why: whoever gets into one container looks for the node's identity, the next node and the control plane, in this
order.

Fix: set what the finding names. Autopilot has most of it by itself and is asked only for what it leaves open.

Decided: a private cluster means that ``enablePrivateNodes`` is true; some published rules are content with an empty
block. The policy of pods that one rule asks for is gone from Kubernetes, and so is the sign-in by password that
another looks for: neither is asked. A node pool that does not say its metadata server takes the cluster's, which may
be elsewhere, so it must say it. CKV_GCP_11 is about Cloud SQL and is not answered here.
"""

from collections.abc import Mapping

from .. import principals
from ..conditions import all_of, any_of, differs, equals, every, is_not_set, is_set, matches, satisfies, when
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
SHIELD = "nodeConfig.shieldedInstanceConfig"

_NO_ADDRESS = equals("controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", False, absent=True)


def _account(resource: Resource, _facts: Facts) -> Said:
    return principals.own_account("nodeConfig.serviceAccount", resource.get("nodeConfig.serviceAccount"))


_NODES = all_of(
    equals("nodeConfig.workloadMetadataConfig.mode", "GKE_METADATA"),
    differs("nodeConfig.metadata.disable-legacy-endpoints", False, absent=True),
    equals(f"{SHIELD}.enableSecureBoot", True, absent=False),
    differs(f"{SHIELD}.enableIntegrityMonitoring", False, absent=True),
    _account,
    matches("nodeConfig.imageType", r"(?i)cos(_containerd)?", "Container-Optimized OS", absent="COS_CONTAINERD"),
)
_POOL = all_of(
    _NODES,
    differs("management.autoRepair", False, absent=True),
    differs("management.autoUpgrade", False, absent=True),
)
_CONTROL_PLANE = all_of(
    any_of(equals("privateClusterConfig.enablePrivateEndpoint", True, absent=False), _NO_ADDRESS),
    any_of(
        satisfies("masterAuthorizedNetworksConfig", lambda found: isinstance(found, Mapping), "named networks"),
        _NO_ADDRESS,
    ),
    every(
        "masterAuthorizedNetworksConfig.cidrBlocks[].cidrBlock",
        lambda found: found not in ("0.0.0.0/0", "::/0"),
        "a network that is not everywhere",
    ),
)
_EVERY_CLUSTER = all_of(
    equals("privateClusterConfig.enablePrivateNodes", True, absent=False),
    _CONTROL_PLANE,
    differs("loggingService", "none", absent="logging.googleapis.com/kubernetes"),
    differs("monitoringService", "none", absent="monitoring.googleapis.com/kubernetes"),
    is_set("resourceLabels", "labels"),
    differs("enableLegacyAbac", True, absent=False),
    differs("masterAuth.clientCertificateConfig.issueClientCertificate", True, absent=False),
    differs("enableKubernetesAlpha", True, absent=False),
    equals("networkingMode", "VPC_NATIVE", absent="VPC_NATIVE"),
    is_set("authenticatorGroupsConfig.securityGroup", "a group of groups"),
    equals("binaryAuthorization.evaluationMode", "PROJECT_SINGLETON_POLICY_ENFORCE", absent="DISABLED"),
)
_STANDARD = all_of(
    any_of(
        equals("datapathProvider", "ADVANCED_DATAPATH", absent="LEGACY_DATAPATH"),
        equals("networkPolicy.enabled", True, absent=False),
    ),
    equals("enableIntranodeVisibility", True, absent=False),
    equals("releaseChannel.channel", "RAPID", "REGULAR", "STABLE", "EXTENDED"),
    is_set("workloadIdentityConfig.workloadPool", "the project's workload pool"),
    differs("enableShieldedNodes", False, absent=True),
    is_not_set("nodePools"),
    when(differs("removeDefaultNodePool", True, absent=False), _NODES, "its default pool is removed"),
)


_CLUSTER = all_of(
    _EVERY_CLUSTER,
    when(differs("enableAutopilot", True, absent=False), _STANDARD, "Autopilot sees to it"),
)

GOOD: Mapping[str, object] = {
    "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": True},
    "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "10.0.0.0/8"}]},
    "resourceLabels": {"owner": "ml-platform"},
    "authenticatorGroupsConfig": {"securityGroup": "gke-security-groups@example.com"},
    "binaryAuthorization": {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
    "datapathProvider": "ADVANCED_DATAPATH",
    "enableIntranodeVisibility": True,
    "releaseChannel": {"channel": "REGULAR"},
    "workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"},
    "removeDefaultNodePool": True,
}
NODES: Mapping[str, object] = {
    "workloadMetadataConfig": {"mode": "GKE_METADATA"},
    "shieldedInstanceConfig": {"enableSecureBoot": True},
    "serviceAccount": "nodes@p.iam.gserviceaccount.com",
}
AUTOPILOT = {name: GOOD[name] for name in list(GOOD)[:5]} | {"enableAutopilot": True}


def _check(resource: Resource, facts: Facts) -> Said:
    return _POOL(resource, facts) if resource.type == NODE_POOL else _CLUSTER(resource, facts)


def _but(name: str, **properties: object) -> Example:
    return example(name, CLUSTER, {**GOOD, **properties})


def _nodes_but(name: str, **properties: object) -> Example:
    return example(name, NODE_POOL, {"nodeConfig": {**NODES, **properties}})


RULE = ResourceRule(
    id="GKE-01",
    title="GKE hardened",
    severity=Severity.MEDIUM,
    types=(CLUSTER, NODE_POOL),
    check=_check,
    covers=(
        "CKV_GCP_1",
        "CKV_GCP_7",
        "CKV_GCP_8",
        "CKV_GCP_9",
        "CKV_GCP_10",
        "CKV_GCP_12",
        "CKV_GCP_13",
        "CKV_GCP_18",
        "CKV_GCP_19",
        "CKV_GCP_20",
        "CKV_GCP_21",
        "CKV_GCP_22",
        "CKV_GCP_23",
        "CKV_GCP_24",
        "CKV_GCP_25",
        "CKV_GCP_61",
        "CKV_GCP_64",
        "CKV_GCP_65",
        "CKV_GCP_66",
        "CKV_GCP_67",
        "CKV_GCP_68",
        "CKV_GCP_69",
        "CKV_GCP_70",
        "CKV_GCP_71",
        "CKV_GCP_72",
        "CKV_GCP_123",
        "CKV2_GCP_1",
        "CKV2_GCP_19",
        "custom.gke*",
    ),
    packs=("hardened",),
    failing=(
        example("Google's default", CLUSTER, {"name": "serving"}),
        _but("an empty block for privacy", privateClusterConfig={}),
        _but("a public control plane", privateClusterConfig={"enablePrivateNodes": True}),
        _but("no named networks", masterAuthorizedNetworksConfig=None),
        _but(
            "everywhere among the networks", masterAuthorizedNetworksConfig={"cidrBlocks": [{"cidrBlock": "0.0.0.0/0"}]}
        ),
        _but("no logs", loggingService="none"),
        _but("no metrics", monitoringService="none"),
        _but("no labels", resourceLabels={}),
        _but("attribute-based access", enableLegacyAbac=True),
        _but("certificates for clients", masterAuth={"clientCertificateConfig": {"issueClientCertificate": True}}),
        _but("alpha features", enableKubernetesAlpha=True),
        _but("routes for pods", networkingMode="ROUTES"),
        _but("no groups", authenticatorGroupsConfig=None),
        _but("no check of images", binaryAuthorization={"evaluationMode": "DISABLED"}),
        _but("no network policy", datapathProvider="LEGACY_DATAPATH"),
        _but("hidden traffic", enableIntranodeVisibility=False),
        _but("no channel", releaseChannel={"channel": "UNSPECIFIED"}),
        _but("no workload identity", workloadIdentityConfig=None),
        _but("nodes that are not shielded", enableShieldedNodes=False),
        _but("node pools inside", nodePools=[{"name": "pool"}]),
        _but("a default pool", removeDefaultNodePool=False),
        example("a pool with Google's default", NODE_POOL, {"cluster": "serving"}),
        _nodes_but("the machine's metadata", workloadMetadataConfig={"mode": "GCE_METADATA"}),
        _nodes_but("the old metadata", metadata={"disable-legacy-endpoints": "false"}),
        _nodes_but("no secure boot", shieldedInstanceConfig={"enableSecureBoot": False}),
        _nodes_but(
            "no monitoring", shieldedInstanceConfig={"enableSecureBoot": True, "enableIntegrityMonitoring": False}
        ),
        _nodes_but("the default account", serviceAccount="12-compute@developer.gserviceaccount.com"),
        _nodes_but("another system", imageType="UBUNTU_CONTAINERD"),
        example("no repair", NODE_POOL, {"nodeConfig": NODES, "management": {"autoRepair": False}}),
        example("no upgrade", NODE_POOL, {"nodeConfig": NODES, "management": {"autoUpgrade": False}}),
        example("Autopilot with public nodes", CLUSTER, {**AUTOPILOT, "privateClusterConfig": {}}),
    ),
    passing=(
        example("a hardened cluster", CLUSTER, GOOD),
        _but("a hardened default pool", removeDefaultNodePool=False, nodeConfig=NODES),
        _but(
            "a control plane by name alone",
            privateClusterConfig={"enablePrivateNodes": True},
            controlPlaneEndpointsConfig={"ipEndpointsConfig": {"enabled": False}},
            masterAuthorizedNetworksConfig=None,
        ),
        _but("network policy of the older kind", datapathProvider=None, networkPolicy={"enabled": True}),
        example("Autopilot", CLUSTER, AUTOPILOT),
        example("a hardened pool", NODE_POOL, {"nodeConfig": NODES}),
    ),
)
