"""Nobody holds a basic role.

What: no grant on a project, a folder or an organisation is of ``roles/owner``, ``roles/editor`` or ``roles/viewer``.

Why: these three date from before IAM and hold for every service: an editor of the project changes every model, bucket
and network in it, and a viewer reads the data.

Fix: grant the roles that the work needs. groundplan's ``team`` gives each role of the company what it needs and no
more.
"""

from .. import principals
from ..conditions import judged
from ..outcome import Outcome
from ..principals import Grant
from ..rule import ResourceRule, Severity, example

MEMBER, BINDING, POLICY, *_ = GRANTS = principals.types("gcp:projects:IAM", "gcp:folder:IAM", "gcp:organizations:IAM")
FOLDER = GRANTS[3]


def _narrow(grant: Grant) -> Outcome:
    expected = "a role for what is needed"
    return judged(
        principals.role_path(grant), grant.role, lambda role: str(role).lower() not in principals.BASIC_ROLES, expected
    )


RULE = ResourceRule(
    id="IAM-01",
    title="No basic roles",
    severity=Severity.HIGH,
    types=GRANTS,
    check=principals.each_grant(_narrow),
    covers=("CKV_GCP_115", "CKV_GCP_116", "CKV_GCP_117", "custom.iamDisableBasicRoles"),
    packs=("baseline", "hardened"),
    remedy='team: {data-scientist: ["group:NAME@DOMAIN"]}',
    failing=(
        example("an editor", MEMBER, {"role": "roles/editor", "member": "group:ml@example.com"}),
        example("owners", BINDING, {"role": "roles/owner", "members": ["user:a@b.c", "user:d@e.f"]}),
        example("a viewer of a folder", FOLDER, {"role": "roles/viewer", "member": "group:ml@example.com"}),
        example(
            "in a whole policy",
            POLICY,
            {"policyData": '{"bindings": [{"role": "roles/editor", "members": ["user:a@b.c"]}]}'},
        ),
    ),
    passing=(
        example("a narrow role", MEMBER, {"role": "roles/aiplatform.user", "member": "group:ml@example.com"}),
        example("a role of one's own", MEMBER, {"role": "projects/p/roles/editor", "member": "user:a@b.c"}),
    ),
)
