"""A TPU has no public address.

What: ``networkConfig.enableExternalIps``, or that of each of ``networkConfigs``, is false.

Why: a TPU runs training code with the project's rights and needs no address that the whole internet can knock on.

Fix: write ``enableExternalIps: false`` and give the subnet private access to Google's APIs.

Decided: Google does not say what it takes where nothing is written, so false must stand there, as the published rule
asks. That rule does not see TPUs with several interfaces; each of theirs is asked.
"""

from ..conditions import judged
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

TPU = "gcp:tpu/v2Vm:V2Vm"
ONE = "networkConfig.enableExternalIps"


def _check(resource: Resource, _facts: Facts) -> Said:
    found = list(resource.each("networkConfigs[].enableExternalIps")) or [(ONE, resource.get(ONE))]
    return [judged(path, value, lambda one: str(one).lower() == "false", "false") for path, value in found]


RULE = ResourceRule(
    id="VTX-21",
    title="TPU private",
    severity=Severity.MEDIUM,
    types=(TPU,),
    check=_check,
    covers=("CKV2_GCP_32",),
    packs=("baseline", "hardened"),
    failing=(
        example("nothing written", TPU, {"runtimeVersion": "tpu-vm-base"}),
        example("an address", TPU, {"networkConfig": {"enableExternalIps": True}}),
        example(
            "an address on the second interface",
            TPU,
            {"networkConfigs": [{"enableExternalIps": False}, {"enableExternalIps": True}]},
        ),
    ),
    passing=(
        example("no address", TPU, {"networkConfig": {"enableExternalIps": False}}),
        example("no address on any interface", TPU, {"networkConfigs": [{"enableExternalIps": False}]}),
    ),
)
