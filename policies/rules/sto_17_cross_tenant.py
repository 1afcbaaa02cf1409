"""No rule of replication can copy blobs out of the tenant.

What: ``allowCrossTenantReplication`` is false. Where the property is absent Azure takes false.

Why: whoever may write replication rules could otherwise send every new blob to an account of their own, without
downloading anything.

Fix: remove ``allowCrossTenantReplication`` or set it to false; groundplan always does.

Decided: some published rules fail an absent property, because accounts that were made before 2024 may allow it then.
Azure takes false for every new account, so absence passes; write the property for an account that is older.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-17",
    title="Storage account is not copied to other tenants",
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    check=equals("allowCrossTenantReplication", False, absent=False),
    covers=(
        "azp:StorageAccountAllowCrossTenantReplication_Audit",
        "storage_cross_tenant_replication_disabled",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"allowCrossTenantReplication": False}),
    failing=(example("allowed", ACCOUNT, {"allowCrossTenantReplication": True}),),
    passing=(
        example("refused", ACCOUNT, {"allowCrossTenantReplication": False}),
        example("Azure's default", ACCOUNT, {}),
    ),
)
