"""What holds data says whose it is, where it comes from, how sensitive it is and how long it stays.

What: the tags or labels of a data version, a BigQuery dataset, a bucket, a container and a Vertex AI dataset hold the
keys of the setting ``keys``; each may be met by several names (``owner|data-owner``). A container, which has metadata
and no tags, may say it there or on its storage account. The classification is one of public, internal, confidential,
restricted.

Why: whoever finds data must know whom to ask, whether it may be used for this, and when it must go.

Fix: write ``governance.tags: {source-system: crm, retention: 365d}`` in groundplan.yaml; owner and classification are
there already.
"""

from collections.abc import Iterator, Mapping

from ..outcome import Outcome, failed, passed, unknown
from ..project import is_hidden, mapping
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

DATA = "azure-native:machinelearningservices:DataVersion"
CONTAINER = "azure-native:storage:BlobContainer"
ACCOUNT = "azure-native:storage:StorageAccount"
BUCKET = "gcp:storage/bucket:Bucket"
TABLES = "gcp:bigquery/dataset:Dataset"
DATASET = "gcp:vertex/aiDataset:AiDataset"
_WORDS = ("public", "internal", "confidential", "restricted")
_PLACES = {DATA: "properties.tags", CONTAINER: "metadata"}


def _check(resource: Resource, facts: Facts) -> Said:
    place, tags = _tags(resource, facts)
    if is_hidden(tags):
        return unknown(place, "tags")
    return [_of_key(place, key.split("|"), mapping(tags)) for key in facts.texts("keys")]


def _tags(resource: Resource, facts: Facts) -> tuple[str, object]:
    place = _PLACES.get(resource.type, "tags" if resource.type == ACCOUNT else "labels")
    tags = resource.get(place)
    if tags is ABSENT and resource.type == CONTAINER:
        accounts = facts.graph.targets(resource, "accountName", ACCOUNT)
        return place, accounts[0].tags if accounts else ABSENT
    return place, tags


def _of_key(place: str, names: list[str], tags: Mapping[str, object]) -> Outcome:
    said = next(iter(_values(names, tags)), None)
    path = f"{place}.{names[0]}"
    if is_hidden(said):
        return unknown(path, f"a tag {' or '.join(names)}")
    if not said:
        return failed(path, ABSENT, f"a tag {' or '.join(names)}")
    if "classification" in names and str(said).lower() not in _WORDS:
        return failed(path, said, " or ".join(_WORDS))
    return passed(path, said)


def _values(names: list[str], tags: Mapping[str, object]) -> Iterator[object]:
    for key, value in tags.items():
        if key.lower().replace("_", "-") in names:
            yield value


_TAGS = {
    "owner": "sales",
    "source-system": "crm",
    "data-classification": "internal",
    "retention": "365d",
}
_WRONG = {**_TAGS, "data-classification": "secret"}

RULE = ResourceRule(
    id="MLG-011",
    title="Dataset lineage tags",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(DATA, TABLES, BUCKET, CONTAINER, DATASET),
    check=_check,
    relates_to=("EU-AI-Act 10(2)(b)", "ISO-42001 A.7.2", "ISO-42001 A.7.5", "GDPR Art.30"),
    packs=("governance",),
    remedy="governance: {tags: {source-system: crm, retention: 365d}}",
    options={
        "keys": Option(
            default=("owner|data-owner", "source-system", "classification|data-classification", "retention"),
            help="the tags that data carries; names that mean the same stand beside each other with |",
        )
    },
    failing=(
        example("no labels", BUCKET, {"name": "churn-data"}),
        example("one is missing", TABLES, {"labels": {key: one for key, one in _TAGS.items() if key != "retention"}}),
        example("a classification that nobody knows", DATASET, {"labels": _WRONG}),
        example("a data version without tags", DATA, {"properties": {"dataUri": "azureml://datastores/d/paths/a"}}),
        Example(
            name="a container whose account says nothing",
            resources=[
                {"type": CONTAINER, "name": "data", "properties": {"accountName": "stchurn"}},
                {"type": ACCOUNT, "name": "account", "properties": {"accountName": "stchurn"}},
            ],
        ),
    ),
    passing=(
        example("a bucket", BUCKET, {"labels": _TAGS}),
        example("a data version", DATA, {"properties": {"tags": _TAGS}}),
        Example(
            name="a container whose account says it",
            resources=[
                {"type": CONTAINER, "name": "data", "properties": {"accountName": "stchurn"}},
                {"type": ACCOUNT, "name": "account", "properties": {"accountName": "stchurn", "tags": _TAGS}},
            ],
        ),
        example(
            "a container's own metadata, which has no hyphens",
            CONTAINER,
            {"metadata": {key.replace("-", "_"): one for key, one in _TAGS.items()}},
        ),
    ),
)
