"""The name of a storage account is one that Azure takes.

What: ``accountName`` has 3 to 24 lower-case letters and digits. Where it is absent Pulumi makes one that fits.

Why: the mistake otherwise shows in the middle of a deployment, when half of it is there.

Fix: shorten the name, and leave out hyphens and capitals; groundplan makes it from ``project`` and the environment.
"""

from ..conditions import is_set, matches, when
from ..rule import ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-20",
    title="Storage account has a name that Azure takes",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=when(
        is_set("accountName"),
        matches("accountName", r"[a-z0-9]{3,24}", "3 to 24 lower-case letters and digits"),
        "Pulumi makes a name that fits",
    ),
    covers=(
        "CKV_AZURE_43",
        "Azure.Storage.Name",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("a hyphen", ACCOUNT, {"accountName": "st-churn"}),
        example("too long", ACCOUNT, {"accountName": "stchurnproductionwesteurope"}),
    ),
    passing=(example("fits", ACCOUNT, {"accountName": "stchurnprod01"}),),
)
