"""The disks of a workbench are encrypted with a key of your own.

What: the boot disk, and the data disk where one is described, have ``diskEncryption: CMEK`` and a ``kmsKey``.

Why: notebooks and the data that people copy beside them are on these disks.

Fix: set ``encryption: {}`` in groundplan.yaml, or both properties on each disk.

Decided: the published rules ask for ``kmsKey`` alone. Google ignores the key of a disk whose ``diskEncryption`` is
not CMEK, and takes its own key where nothing is said; so both are asked for. A data disk that is not described is not
judged.
"""

from ..conditions import all_of, equals, is_set
from ..outcome import PASS
from ..resource import Resource
from ..rule import Check, Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT

INSTANCE = "gcp:workbench/instance:Instance"
OWN = {"diskEncryption": "CMEK", "kmsKey": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}


def _disk(path: str) -> Check:
    return all_of(
        is_set(f"{path}.kmsKey", "a key of Cloud KMS"), equals(f"{path}.diskEncryption", "CMEK", absent="GMEK")
    )


_BOOT = _disk("gceSetup.bootDisk")
_DATA = _disk("gceSetup.dataDisks")


def _data(resource: Resource, facts: Facts) -> Said:
    return PASS if resource.get("gceSetup.dataDisks") in (ABSENT, []) else _DATA(resource, facts)


RULE = ResourceRule(
    id="VTX-10",
    title="Workbench: disks encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=all_of(_BOOT, _data),
    covers=("CKV2_GCP_27", "CKV2_GCP_21", "CKV2_GCP_35"),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", INSTANCE, {"gceSetup": {"bootDisk": {"diskSizeGb": "150"}}}),
        example("only the boot disk", INSTANCE, {"gceSetup": {"bootDisk": OWN, "dataDisks": {"diskSizeGb": "100"}}}),
        example(
            "a key that is not used",
            INSTANCE,
            {"gceSetup": {"bootDisk": {"kmsKey": OWN["kmsKey"]}}},
        ),
    ),
    passing=(
        example("both disks", INSTANCE, {"gceSetup": {"bootDisk": OWN, "dataDisks": OWN}}),
        example("no data disk described", INSTANCE, {"gceSetup": {"bootDisk": OWN}}),
    ),
)
