"""What runs in a workspace's managed network reaches approved places only.

What: ``managedNetwork.isolationMode`` is AllowOnlyApprovedOutbound. Where the property is absent there is no managed
network. A project of a hub lives in its hub's.

Why: training code and its packages can otherwise send data and models anywhere.

Fix: keep ``network.access: private`` in groundplan.yaml and name the hosts that are needed in
``network.allowed_outbound``; elsewhere set the property and add outbound rules.

Decided: a workspace whose computes all lie in subnets of one's own may be as closed without a managed network. That
cannot be read from the workspace, and a managed endpoint never lies in such a subnet, so it fails; exempt it where it
is meant.
"""

from ..conditions import differs, equals, when
from ..rule import ResourceRule, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"

RULE = ResourceRule(
    id="AML-06",
    title="Managed network allows only approved outbound traffic",
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    check=when(
        differs("kind", "Project", absent="Default"),
        equals("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound", absent="Disabled"),
        "a project lives in its hub's network",
    ),
    covers=("azp:6ddb1705-c8cf-450e-aa4b-19ad6703c440", "MCSB:NS-2"),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("no managed network", WORKSPACE, {}),
        example("the whole internet", WORKSPACE, {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}),
        example("switched off", WORKSPACE, {"managedNetwork": {"isolationMode": "Disabled"}}),
    ),
    passing=(example("approved only", WORKSPACE, {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}}),),
)
