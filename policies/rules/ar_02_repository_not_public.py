"""A repository of Artifact Registry is given to nobody in general.

What: no member of a grant on a repository is ``allUsers`` or ``allAuthenticatedUsers``.

Why: images hold code, models and now and then secrets; whoever may also write replaces what production runs.

Fix: name the people, groups and service accounts that need it.
"""

from .. import principals
from ..rule import ResourceRule, Severity, example

MEMBER, BINDING, POLICY, *_ = GRANTS = principals.types("gcp:artifactregistry:RepositoryIam")
ON = {"repository": "images", "role": "roles/artifactregistry.reader"}

RULE = ResourceRule(
    id="AR-02",
    title="Artifact Registry not public",
    severity=Severity.CRITICAL,
    types=GRANTS,
    check=principals.private,
    covers=("CKV_GCP_101",),
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
            {"repository": "images", "policyData": '{"bindings": [{"role": "r", "members": ["allUsers"]}]}'},
        ),
    ),
    passing=(
        example("a group", MEMBER, {**ON, "member": "group:ml@example.com"}),
        example("two people", BINDING, {**ON, "members": ["user:a@b.c", "user:d@e.f"]}),
    ),
)
