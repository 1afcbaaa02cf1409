"""A workbench has no public address.

What: ``gceSetup.disablePublicIp`` is true. Without it Google gives the machine an external address.

Why: a notebook server runs whatever its user pastes into it, with the machine's identity; it need not be reached
from, nor reach, the whole internet.

Fix: set ``network.access: private`` in groundplan.yaml, or ``gceSetup.disablePublicIp: true``, and let the machine
out through Cloud NAT where it must get out.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"

RULE = ResourceRule(
    id="VTX-09",
    title="Workbench: no public IP",
    severity=Severity.HIGH,
    types=(INSTANCE,),
    check=equals("gceSetup.disablePublicIp", True, absent=False),
    covers=("CKV2_GCP_28", "constraints/ainotebooks.restrictPublicIp", "CKV_GCP_89"),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {"machineType": "n2-standard-4"}}),
        example("asked for", INSTANCE, {"gceSetup": {"disablePublicIp": False}}),
        example("nothing set up", INSTANCE, {}),
    ),
    passing=(example("no address", INSTANCE, {"gceSetup": {"disablePublicIp": True}}),),
)
