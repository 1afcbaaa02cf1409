"""Nobody signs in to a compute with a local account.

What: ``properties.disableLocalAuth`` is true on clusters and compute instances. Where it is absent Azure leaves local
accounts on.

Why: an SSH key or a password of a node belongs to nobody, is not revoked when a person leaves, and is not in the
sign-in log.

Fix: groundplan does so by itself. Elsewhere set ``disableLocalAuth: true``; work on the compute through Entra ID.
"""

from ..conditions import equals, when
from ..rule import ResourceRule, Severity, example

COMPUTE = "azure-native:machinelearningservices:Compute"

RULE = ResourceRule(
    id="AML-10",
    title="Compute local authentication (SSH) disabled",
    severity=Severity.HIGH,
    types=(COMPUTE,),
    check=when(
        equals("properties.computeType", "AmlCompute", "ComputeInstance"),
        equals("properties.disableLocalAuth", True, absent=False),
        "only clusters and compute instances have local accounts",
    ),
    covers=(
        "CKV_AZURE_142",
        "azp:e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
        "azp:a6f9a2d0-cff7-4855-83ad-4cd750666512",
        "Azure.ML.DisableLocalAuth",
        "MCSB:IM-1",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Azure's default on a cluster", COMPUTE, {"properties": {"computeType": "AmlCompute"}}),
        example(
            "on for an instance",
            COMPUTE,
            {"properties": {"computeType": "ComputeInstance", "disableLocalAuth": False}},
        ),
    ),
    passing=(
        example("a cluster", COMPUTE, {"properties": {"computeType": "AmlCompute", "disableLocalAuth": True}}),
        example("an instance", COMPUTE, {"properties": {"computeType": "ComputeInstance", "disableLocalAuth": True}}),
    ),
)
