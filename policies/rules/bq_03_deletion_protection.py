"""A BigQuery table is not deleted by the way.

What: ``deletionProtection`` is not false. Pulumi's provider takes true where nothing is written.

Why: a change of schema can mean that a table is made anew; with the protection the engine stops before the data is
gone.

Fix: leave ``deletionProtection`` out. To remove a table on purpose, switch it off in a change of its own.

Decided: one published rule fails a table that does not say it, though the provider then protects it.
"""

from ..conditions import differs
from ..rule import Remediation, ResourceRule, Severity, example

TABLE = "gcp:bigquery/table:Table"

RULE = ResourceRule(
    id="BQ-03",
    title="Table protected from deletion",
    severity=Severity.LOW,
    types=(TABLE,),
    check=differs("deletionProtection", False, absent=True),
    covers=("CKV_GCP_121",),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"deletionProtection": True}),
    failing=(example("off", TABLE, {"deletionProtection": False}),),
    passing=(
        example("the provider's default", TABLE, {"tableId": "main"}),
        example("on", TABLE, {"deletionProtection": True}),
    ),
)
