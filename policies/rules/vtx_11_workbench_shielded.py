"""A workbench is a shielded machine.

What: under ``gceSetup.shieldedInstanceConfig``, ``enableSecureBoot`` is true, and ``enableVtpm`` and
``enableIntegrityMonitoring`` are not switched off. Google leaves secure boot off and the other two on.

Why: a root kit that starts before the system is seen by nothing that runs in it.

Fix: set ``enableSecureBoot: true`` and leave the others alone. Drivers that are not signed, such as some for GPUs, do
not load under secure boot.

Decided: the published rules know the older type of notebook only, which Google has shut down; they are asked of its
successor.
"""

from ..conditions import all_of, differs, equals
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"
PLACE = "gceSetup.shieldedInstanceConfig"

RULE = ResourceRule(
    id="VTX-11",
    title="Workbench: shielded machine",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=all_of(
        equals(f"{PLACE}.enableSecureBoot", True, absent=False),
        differs(f"{PLACE}.enableVtpm", False, absent=True),
        differs(f"{PLACE}.enableIntegrityMonitoring", False, absent=True),
    ),
    covers=("CKV_GCP_126", "CKV_GCP_127", "constraints/compute.requireShieldedVm"),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {}}),
        example(
            "no trusted module",
            INSTANCE,
            {"gceSetup": {"shieldedInstanceConfig": {"enableSecureBoot": True, "enableVtpm": False}}},
        ),
        example(
            "no monitoring",
            INSTANCE,
            {"gceSetup": {"shieldedInstanceConfig": {"enableSecureBoot": True, "enableIntegrityMonitoring": False}}},
        ),
    ),
    passing=(example("secure boot", INSTANCE, {"gceSetup": {"shieldedInstanceConfig": {"enableSecureBoot": True}}}),),
)
