"""A blob container is read by nobody who does not say who they are.

What: ``publicAccess`` is None. Where the property is absent Azure takes None.

Why: a public container lets everybody read its blobs, or list them too, without a trace of who it was.

Fix: remove ``publicAccess`` or set it to None; groundplan always does.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

CONTAINER = "azure-native:storage:BlobContainer"


RULE = ResourceRule(
    id="STO-15",
    title="Blob container is private",
    severity=Severity.HIGH,
    types=(CONTAINER,),
    check=equals("publicAccess", "None", absent="None"),
    covers=(
        "CKV_AZURE_34",
        "Azure.Storage.BlobAccessType",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"publicAccess": "None"}),
    failing=(
        example("blobs are public", CONTAINER, {"publicAccess": "Blob"}),
        example("the list is too", CONTAINER, {"publicAccess": "Container"}),
    ),
    passing=(
        example("private", CONTAINER, {"publicAccess": "None"}),
        example("Azure's default", CONTAINER, {}),
    ),
)
