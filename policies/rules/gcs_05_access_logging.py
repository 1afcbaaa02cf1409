"""Who reads and changes a bucket is logged, and not into the bucket itself.

What: ``logging.logBucket`` names another bucket; or the project's audit log takes reads and writes of Cloud Storage,
from everybody.

Why: after a leak the first question is who took what; without a log there is no answer.

Fix: turn on the audit log for ``storage.googleapis.com`` with DATA_READ and DATA_WRITE, as groundplan does, or name a
bucket for the logs.

Decided: the published rules ask for a bucket of logs alone. Google recommends the audit log today: it names who did
it, cannot be written by others and is kept apart; so it passes where the same plan turns it on for the project
that the bucket names.
"""

from functools import partial

from ..conditions import any_of, satisfies
from ..outcome import failed, passed
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT, Unknown

BUCKET = "gcp:storage/bucket:Bucket"
AUDIT = "gcp:projects/iAMAuditConfig:IAMAuditConfig"
SERVICES = ("storage.googleapis.com", "allServices")
KINDS = frozenset({"DATA_READ", "DATA_WRITE"})


def _to_another(resource: Resource, facts: Facts) -> Said:
    expected = "another bucket"
    found = resource.get("logging.logBucket")
    itself = isinstance(found, Unknown) and resource.urn in found.of
    if itself or (isinstance(found, str) and found.lower() in (name.lower() for name in resource.names)):
        return failed("logging.logBucket", "the bucket itself", expected)
    if isinstance(found, Unknown) and found.of:
        return passed("logging.logBucket", found)
    return satisfies("logging.logBucket", lambda name: name != "", expected)(resource, facts)


def _audited(resource: Resource, facts: Facts) -> Said:
    project = resource.get("project")
    keys = project.of if isinstance(project, Unknown) else (str(project).lower(),)
    if any(facts.once(key, partial(_is_audited, key, facts)) for key in keys):
        return passed()
    return failed("", ABSENT, "the audit log of Cloud Storage")


def _is_audited(project: str, facts: Facts) -> bool:
    return any(map(_takes_all, facts.graph.references(AUDIT, "project").by_key.get(project, ())))


def _takes_all(audit: Resource) -> bool:
    kinds = {str(kind) for _, kind in audit.each("auditLogConfigs[].logType")}
    spared = [one for _, one in audit.each("auditLogConfigs[].exemptedMembers[]")]
    return audit.get("service") in SERVICES and kinds >= KINDS and not spared


def _audit(*kinds: str) -> dict[str, object]:
    configs = [{"logType": kind} for kind in kinds]
    properties = {"project": "p", "service": "storage.googleapis.com", "auditLogConfigs": configs}
    return {"type": AUDIT, "name": "audit", "properties": properties}


def _bucket(project: str) -> dict[str, object]:
    return {"type": BUCKET, "name": "data", "properties": {"project": project}}


RULE = ResourceRule(
    id="GCS-05",
    title="Bucket with access logs, not in itself",
    severity=Severity.LOW,
    scope="graph",
    types=(BUCKET,),
    check=any_of(_to_another, _audited),
    covers=("CKV_GCP_62", "CKV_GCP_63", "GCP-0077", "cloudstorage_bucket_logging_enabled"),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", BUCKET, {"name": "data"}),
        example("into itself", BUCKET, {"name": "data", "logging": {"logBucket": "data"}}),
        Example(
            name="an audit log of another project",
            resources=[_bucket("q"), _audit("DATA_READ", "DATA_WRITE")],
        ),
        Example(
            name="an audit log of changes only",
            resources=[_bucket("p"), _audit("DATA_WRITE")],
        ),
    ),
    passing=(
        example("a bucket for logs", BUCKET, {"name": "data", "logging": {"logBucket": "logs"}}),
        Example(name="an audit log of all access", resources=[_bucket("p"), _audit("DATA_READ", "DATA_WRITE")]),
    ),
)
