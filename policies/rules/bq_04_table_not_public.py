"""A BigQuery table is given to nobody in general.

What: no member of a grant on a table is ``allUsers`` or ``allAuthenticatedUsers``.

Why: one such grant lets the whole world query the table, at the project's cost.

Fix: name the people, groups and service accounts that need it.
"""

from .. import principals
from ..rule import ResourceRule, Severity, example

MEMBER, BINDING, POLICY, *_ = GRANTS = principals.types("gcp:bigquery:Iam")
ON = {"datasetId": "d", "tableId": "t", "role": "roles/bigquery.dataViewer"}

RULE = ResourceRule(
    id="BQ-04",
    title="Table not public",
    severity=Severity.CRITICAL,
    types=GRANTS,
    check=principals.private,
    covers=("CKV_GCP_100",),
    packs=("baseline", "hardened"),
    failing=(
        example("everybody", MEMBER, {**ON, "member": "allUsers"}),
        example(
            "everybody at Google, among others",
            BINDING,
            {**ON, "members": ["group:ml@example.com", "allAuthenticatedUsers"]},
        ),
        example(
            "in a whole policy",
            POLICY,
            {"datasetId": "d", "tableId": "t", "policyData": '{"bindings": [{"role": "r", "members": ["allUsers"]}]}'},
        ),
    ),
    passing=(
        example("a group", MEMBER, {**ON, "member": "group:ml@example.com"}),
        example("two people", BINDING, {**ON, "members": ["user:a@b.c", "user:d@e.f"]}),
    ),
)
