"""The default service accounts hold nothing.

What: no member of a grant on a project, a folder or an organisation is the account that Google makes for Compute
Engine (``…-compute@developer.gserviceaccount.com``) or App Engine (``…@appspot.gserviceaccount.com``).

Why: every machine that names no account runs as the default one, so that a grant to it is a grant to whatever is
started next.

Fix: make a service account for the workload and grant to that.
"""

from .. import principals
from ..conditions import judged
from ..outcome import Outcome, passed
from ..principals import Grant
from ..rule import ResourceRule, Severity, example

MEMBER, BINDING, *_ = GRANTS = principals.types("gcp:projects:IAM", "gcp:folder:IAM", "gcp:organizations:IAM")
FOLDER = GRANTS[3]


def _not_default(grant: Grant) -> Outcome:
    if principals.is_account(grant.member):
        return passed(grant.path, grant.member)
    return judged(
        grant.path,
        grant.member,
        lambda member: not principals.is_default_account(member),
        "an account made for the workload",
    )


RULE = ResourceRule(
    id="IAM-02",
    title="No grants to default service accounts",
    severity=Severity.HIGH,
    types=GRANTS,
    check=principals.each_grant(_not_default),
    covers=("CKV_GCP_46", "CKV_GCP_47", "CKV_GCP_48", "GCP-0004", "GCP-0006", "GCP-0008"),
    packs=("baseline", "hardened"),
    failing=(
        example(
            "Compute Engine's",
            MEMBER,
            {"role": "roles/aiplatform.user", "member": "serviceAccount:12-compute@developer.gserviceaccount.com"},
        ),
        example(
            "App Engine's, among others",
            BINDING,
            {
                "role": "roles/aiplatform.user",
                "members": ["user:a@b.c", "serviceAccount:p@appspot.gserviceaccount.com"],
            },
        ),
        example(
            "on a folder",
            FOLDER,
            {"role": "roles/aiplatform.user", "member": "serviceAccount:12-compute@developer.gserviceaccount.com"},
        ),
    ),
    passing=(
        example(
            "an account of its own",
            MEMBER,
            {"role": "roles/aiplatform.user", "member": "serviceAccount:job@p.iam.gserviceaccount.com"},
        ),
    ),
)
