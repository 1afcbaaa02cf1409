"""No service account administers.

What: no service account holds, on a project, a folder or an organisation, a role whose name ends in admin, nor
``roles/owner`` or ``roles/editor``. Google's own agents are not judged. ``allowed`` names roles that service accounts
may hold all the same.

Why: a service account has no second factor and no office hours; what runs as it, or steals its token, administers.

Fix: grant what the workload needs on the one resource that it needs. For the account that deploys the platform, name
its roles in ``allowed`` or write an exemption, and let it be reached by federation only.

Decided: one published rule also matches every role with editor in its name, such as that for dashboards; basic roles
and administrators are meant. The name of a role of one's own says nothing of what it allows, so such roles are not
judged.
"""

from .. import principals
from ..conditions import folded
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..principals import Grant
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import Secret, Unknown

MEMBER, BINDING, *_ = GRANTS = principals.types("gcp:projects:IAM", "gcp:folder:IAM", "gcp:organizations:IAM")
EXPECTED = "a role that administers nothing"
JOB = "serviceAccount:job@p.iam.gserviceaccount.com"


def _check(resource: Resource, facts: Facts) -> Said:
    allowed = frozenset(folded(one) for one in facts.texts("allowed"))
    return principals.each_grant(lambda grant: _judged(grant, allowed))(resource, facts)


def _judged(grant: Grant, allowed: frozenset[object]) -> Outcome:
    path, role = principals.role_path(grant), folded(grant.role)
    if principals.is_agent(grant.member) or _is_nobody_of_concern(grant.member):
        return not_applicable("no service account of one's own")
    if isinstance(role, (Unknown, Secret)):
        return unknown(path, EXPECTED)
    if role in allowed or not _administers(str(role)):
        return passed(path, grant.role)
    if isinstance(grant.member, (Unknown, Secret)) and not principals.is_account(grant.member):
        return unknown(grant.path, EXPECTED)
    return failed(path, grant.role, EXPECTED)


def _is_nobody_of_concern(member: object) -> bool:
    return isinstance(member, str) and not member.lower().startswith("serviceaccount:")


def _administers(role: str) -> bool:
    return role in ("roles/owner", "roles/editor") or (role.startswith("roles/") and role.endswith("admin"))


def _grant(member: str) -> dict[str, object]:
    return {"type": MEMBER, "name": "grant", "properties": {"role": "roles/storage.admin", "member": member}}


RULE = ResourceRule(
    id="IAM-04",
    title="No administrator's role for service accounts",
    severity=Severity.HIGH,
    types=GRANTS,
    check=_check,
    covers=("CKV_GCP_42", "GCP-0007", "iam_sa_no_administrative_privileges"),
    packs=("baseline", "hardened"),
    options={"allowed": Option(default=(), help="administrators' roles that service accounts may hold")},
    failing=(
        example("an administrator", MEMBER, {"role": "roles/storage.admin", "member": JOB}),
        example("an editor", BINDING, {"role": "roles/editor", "members": ["user:a@b.c", JOB]}),
        Example(
            name="an account of the same program",
            resources=[
                _grant("${job.member}"),
                {"type": "gcp:serviceaccount/account:Account", "name": "job", "properties": {"accountId": "job"}},
            ],
        ),
    ),
    passing=(
        example("a narrow role", MEMBER, {"role": "roles/storage.objectUser", "member": JOB}),
        example("an editor of dashboards", MEMBER, {"role": "roles/monitoring.editor", "member": JOB}),
        example("a role of one's own", MEMBER, {"role": "projects/p/roles/queueAdmin", "member": JOB}),
        example(
            "a role that is allowed",
            MEMBER,
            {"role": "roles/compute.networkAdmin", "member": JOB},
            settings={"allowed": ("roles/compute.networkAdmin",)},
        ),
    ),
)
