"""A storage account has no users of its own beside the directory's.

What: ``isLocalUserEnabled`` is false, or ``isHnsEnabled`` is not true: only a hierarchical account can have SFTP,
which local users are for. Where ``isLocalUserEnabled`` is absent it counts as on.

Why: a local user has a password or key of its own: no second factor, no conditional access, no end when the person
leaves.

Fix: set ``isLocalUserEnabled: false``; groundplan always does.

Decided: the API does not say what an absent ``isLocalUserEnabled`` means. Other tools take it as on, so a
hierarchical account must say it.
"""

from ..conditions import any_of, equals
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-18",
    title="Storage account has no local users",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=any_of(equals("isLocalUserEnabled", False, absent=True), equals("isHnsEnabled", False, absent=False)),
    covers=("CKV_AZURE_244",),
    packs=("baseline", "hardened"),
    failing=(
        example("hierarchical and not switched off", ACCOUNT, {"isHnsEnabled": True}),
        example("on", ACCOUNT, {"isHnsEnabled": True, "isLocalUserEnabled": True}),
    ),
    passing=(
        example("off", ACCOUNT, {"isHnsEnabled": True, "isLocalUserEnabled": False}),
        example("not hierarchical", ACCOUNT, {"isHnsEnabled": False}),
        example("Azure's default", ACCOUNT, {}),
    ),
)
