"""A BigQuery table is given to nobody in general.

What: no member of a grant on a table is ``allUsers`` or ``allAuthenticatedUsers``.

Why: one such grant lets the whole world query the table, at the project's cost.

Fix: name the people, groups and service accounts that need it.
"""

from .. import principals
from ..rule import ResourceRule, Severity

GRANTS = principals.types("gcp:bigquery:Iam")
ON = {"datasetId": "d", "tableId": "t"}

RULE = ResourceRule(
    id="BQ-04",
    title="Table not public",
    severity=Severity.CRITICAL,
    types=GRANTS,
    check=principals.private,
    covers=("CKV_GCP_100",),
    packs=("baseline", "hardened"),
    failing=principals.open_grants(GRANTS, ON),
    passing=principals.closed_grants(GRANTS, ON),
)
