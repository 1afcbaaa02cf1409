"""Nothing in a bucket is given to everybody.

What: no member of a grant on a bucket or a managed folder is ``allUsers`` or ``allAuthenticatedUsers``, and no list
of a bucket or an object names them. The second means everybody who has an account at Google.

Why: one such grant publishes the data; search engines find open buckets within hours.

Fix: name the people, groups and service accounts that need it.

Decided: the published rules read grants of one member or one role. Whole policies and the older access lists open a
bucket just as well, so they are read too.
"""

from collections.abc import Iterator

from .. import principals
from ..conditions import differs, judged, outcomes_of
from ..outcome import Outcome
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

MEMBER, BINDING, POLICY, *_ = GRANTS = principals.types("gcp:storage:BucketIAM", "gcp:storage:ManagedFolderIam")
LISTS = (
    "gcp:storage/bucketACL:BucketACL",
    "gcp:storage/defaultObjectACL:DefaultObjectACL",
    "gcp:storage/objectACL:ObjectACL",
)
ENTRIES = (
    "gcp:storage/bucketAccessControl:BucketAccessControl",
    "gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl",
    "gcp:storage/objectAccessControl:ObjectAccessControl",
)
_READY = differs("predefinedAcl", "publicRead", "publicReadWrite", "authenticatedRead")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type in LISTS:
        return list(_in_list(resource, facts))
    if resource.type in ENTRIES:
        return judged("entity", resource.get("entity"), _is_named, "a named person, group or project")
    return outcomes_of(principals.private(resource, facts))


def _in_list(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    yield from outcomes_of(_READY(resource, facts))
    for path, entry in resource.each("roleEntities[]"):
        yield judged(path, entry, lambda one: _is_named(str(one).partition(":")[2]), "a named person, group or project")


def _is_named(entity: object) -> bool:
    return str(entity).lower() not in principals.PUBLIC


RULE = ResourceRule(
    id="GCS-03",
    title="Bucket given to nobody in general",
    severity=Severity.CRITICAL,
    types=(*GRANTS, *LISTS, *ENTRIES),
    check=_check,
    covers=("CKV_GCP_28", "GCP-0001", "cloudstorage_bucket_public_access"),
    packs=("baseline", "hardened"),
    failing=(
        example("everybody", MEMBER, {"bucket": "data", "role": "roles/storage.objectViewer", "member": "allUsers"}),
        example(
            "everybody at Google, among others",
            BINDING,
            {
                "bucket": "data",
                "role": "roles/storage.objectViewer",
                "members": ["group:ml@example.com", "allAuthenticatedUsers"],
            },
        ),
        example(
            "in a whole policy",
            POLICY,
            {"bucket": "data", "policyData": '{"bindings": [{"role": "r", "members": ["allUsers"]}]}'},
        ),
        example("a public list", LISTS[0], {"bucket": "data", "predefinedAcl": "publicRead"}),
        example("an entry of a list", LISTS[1], {"bucket": "data", "roleEntities": ["READER:allUsers"]}),
        example("an entry by itself", ENTRIES[0], {"bucket": "data", "role": "READER", "entity": "allUsers"}),
    ),
    passing=(
        example("a group", MEMBER, {"role": "roles/storage.objectViewer", "member": "group:ml@example.com"}),
        example("a list of owners", LISTS[0], {"bucket": "data", "roleEntities": ["OWNER:project-owners-1"]}),
        example("an entry for a group", ENTRIES[0], {"bucket": "data", "entity": "group-ml@example.com"}),
    ),
)
