"""A BigQuery dataset is given to nobody in general.

What: no entry of ``accesses`` has ``allUsers`` or ``allAuthenticatedUsers`` as its special group or member, none has
a role and nobody to hold it, and no grant on the dataset names them.

Why: one such entry lets the whole world query the data, at the project's cost.

Fix: name the people, groups and service accounts that need it. groundplan grants with single members only.

Decided: the published rules read the dataset's own list. Grants and entries that stand in resources of their own open
it just as well, so they are read too.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from .. import principals
from ..conditions import outcomes_of
from ..outcome import PASS, Outcome, failed, unknown
from ..principals import Grant
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example
from ..values import Secret, Unknown

DATASET = "gcp:bigquery/dataset:Dataset"
ACCESS = "gcp:bigquery/datasetAccess:DatasetAccess"
MEMBER, *_ = GRANTS = principals.types("gcp:bigquery:DatasetIam")
HOLDERS = ("userByEmail", "groupByEmail", "domain", "specialGroup", "iamMember", "view", "routine", "dataset")
EXPECTED = "a named person, group or service account"


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type in GRANTS:
        return outcomes_of(principals.private(resource, facts))
    if resource.type == ACCESS:
        return list(_of_entry("", resource.properties))
    return [one for path, entry in resource.each("accesses[]") for one in _in_dataset(path, entry)] or PASS


def _in_dataset(path: str, entry: object) -> Iterator[Outcome]:
    if isinstance(entry, (Unknown, Secret)) or not isinstance(entry, Mapping):
        yield unknown(path, EXPECTED)
        return
    yield from _of_entry(f"{path}.", cast("Mapping[str, object]", entry))


def _of_entry(prefix: str, entry: Mapping[str, object]) -> Iterator[Outcome]:
    held = [name for name in HOLDERS if entry.get(name) is not None]
    if not held:
        yield failed(prefix.rstrip("."), "a role that nobody holds", EXPECTED)
    for name in held:
        if name in ("specialGroup", "iamMember"):
            yield principals.named(Grant(path=f"{prefix}{name}", role=entry.get("role"), member=entry[name]))


RULE = ResourceRule(
    id="BQ-01",
    title="Dataset not public",
    severity=Severity.CRITICAL,
    types=(DATASET, ACCESS, *GRANTS),
    check=_check,
    covers=("CKV_GCP_15", "GCP-0046", "bigquery_dataset_public_access"),
    packs=("baseline", "hardened"),
    failing=(
        example(
            "everybody at Google",
            DATASET,
            {"accesses": [{"role": "READER", "specialGroup": "allAuthenticatedUsers"}]},
        ),
        example(
            "everybody, after an owner",
            DATASET,
            {"accesses": [{"role": "OWNER", "userByEmail": "a@b.c"}, {"role": "READER", "iamMember": "allUsers"}]},
        ),
        example("a role that nobody holds", DATASET, {"accesses": [{"role": "READER"}]}),
        example("an entry by itself", ACCESS, {"datasetId": "d", "role": "READER", "specialGroup": "allUsers"}),
        example("a grant", MEMBER, {"datasetId": "d", "role": "roles/bigquery.dataViewer", "member": "allUsers"}),
    ),
    passing=(
        example("Google's default", DATASET, {"datasetId": "d"}),
        example(
            "owners of the project",
            DATASET,
            {"accesses": [{"role": "OWNER", "specialGroup": "projectOwners"}, {"view": {"tableId": "t"}}]},
        ),
        example("a grant to a group", MEMBER, {"role": "roles/bigquery.dataViewer", "member": "group:ml@example.com"}),
    ),
)
