"""Nobody may act as every service account of a project.

What: no grant on a project, a folder or an organisation is of a role that lets its holder act as service accounts,
make keys for them or change who may. The role of a service agent is held by Google's agents only. ``roles`` adds to
the list.

Why: whoever may act as every account holds the rights of all of them together, whatever else was denied.

Fix: grant ``roles/iam.serviceAccountUser`` and the like on the one service account that is meant
(``gcp.serviceaccount.IAMMember``), as groundplan does for pipelines.

Decided: one published list names the roles of a dozen service agents and misses others. Google gives them to its
agents by itself, and to those they pass here; to anybody else none of them does.
"""

from .. import principals
from ..conditions import folded
from ..outcome import Outcome, failed, passed, unknown
from ..principals import Grant
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import Secret, Unknown

MEMBER, BINDING, *_ = GRANTS = principals.types("gcp:projects:IAM", "gcp:folder:IAM", "gcp:organizations:IAM")
ORGANISATION = GRANTS[6]
EXPECTED = "a grant on the one service account that is meant"

ROLES = frozenset(
    f"roles/{name}".lower()
    for name in (
        "owner",
        "editor",
        "assuredoss.admin",
        "backupdr.computeEngineOperator",
        "cloudbuild.builds.builder",
        "cloudbuild.builds.editor",
        "composer.worker",
        "dataflow.admin",
        "dataflow.developer",
        "dataproc.hubAgent",
        "deploymentmanager.editor",
        "iam.securityAdmin",
        "iam.serviceAccountAdmin",
        "iam.serviceAccountKeyAdmin",
        "iam.serviceAccountOpenIdTokenCreator",
        "iam.serviceAccountTokenCreator",
        "iam.serviceAccountUser",
        "iam.workloadIdentityUser",
        "run.sourceDeveloper",
        "securitycenter.admin",
    )
)
"""Roles that act as service accounts, or lead there; in lower case."""


def _check(resource: Resource, facts: Facts) -> Said:
    refused = ROLES | {folded(one) for one in facts.texts("roles")}
    return principals.each_grant(lambda grant: _judged(grant, refused))(resource, facts)


def _judged(grant: Grant, refused: frozenset[object]) -> Outcome:
    path, role = principals.role_path(grant), folded(grant.role)
    if isinstance(role, (Unknown, Secret)):
        return unknown(path, EXPECTED)
    if role in refused:
        return failed(path, grant.role, EXPECTED)
    if not str(role).endswith(".serviceagent") or principals.is_agent(grant.member):
        return passed(path, grant.role)
    if isinstance(grant.member, Unknown) and not principals.is_account(grant.member):
        return unknown(path, "one of Google's agents")
    return failed(path, grant.role, "one of Google's agents")


RULE = ResourceRule(
    id="IAM-03",
    title="No impersonation of every service account",
    severity=Severity.HIGH,
    types=GRANTS,
    check=_check,
    covers=("CKV_GCP_41", "CKV_GCP_44", "CKV_GCP_45", "CKV_GCP_49", "GCP-0005", "GCP-0009", "GCP-0011"),
    packs=("baseline", "hardened"),
    options={"roles": Option(default=(), help="further roles that nobody may hold on a project or above")},
    failing=(
        example("acting as accounts", MEMBER, {"role": "roles/iam.serviceAccountUser", "member": "user:a@b.c"}),
        example(
            "making tokens, in an organisation",
            ORGANISATION,
            {"role": "roles/iam.serviceAccountTokenCreator", "member": "group:ml@example.com"},
        ),
        example(
            "an agent's role for somebody else",
            MEMBER,
            {"role": "roles/aiplatform.serviceAgent", "member": "serviceAccount:job@p.iam.gserviceaccount.com"},
        ),
        example(
            "a role of one's own that is refused",
            BINDING,
            {"role": "projects/p/roles/actAsAll", "members": ["user:a@b.c"]},
            settings={"roles": ("projects/p/roles/actAsAll",)},
        ),
    ),
    passing=(
        example("a narrow role", MEMBER, {"role": "roles/aiplatform.user", "member": "user:a@b.c"}),
        example(
            "an agent's role for the agent",
            MEMBER,
            {
                "role": "roles/aiplatform.serviceAgent",
                "member": "serviceAccount:service-12@gcp-sa-aiplatform.iam.gserviceaccount.com",
            },
        ),
    ),
)
