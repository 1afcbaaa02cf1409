"""Datasets and tables of BigQuery are encrypted with a key of your own.

What: a dataset's ``defaultEncryptionConfiguration.kmsKeyName``, or a table's ``encryptionConfiguration.kmsKeyName``,
names a key. A table passes without one when the dataset of the same plan that it is in has one.

Why: with Google's own key nobody but Google can take the data out of reach; a key of your own can be revoked, and its
use is logged.

Fix: set ``encryption: {}`` in groundplan.yaml, or the property. A dataset's key holds for tables that are made after
it.

Decided: the published rule fails every table without a key of its own, though BigQuery encrypts it with its
dataset's. Views hold no data and are not judged.
"""

from ..conditions import is_set, opposite, outcomes_of, when
from ..outcome import PASS, Verdict, worst
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

DATASET = "gcp:bigquery/dataset:Dataset"
TABLE = "gcp:bigquery/table:Table"
NAME = "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"

_OF_DATASET = is_set("defaultEncryptionConfiguration.kmsKeyName", "a key of Cloud KMS")
_OF_TABLE = is_set("encryptionConfiguration.kmsKeyName", "a key of Cloud KMS")


def _table(resource: Resource, facts: Facts) -> Said:
    own = worst(outcomes_of(_OF_TABLE(resource, facts)))
    if own.verdict is Verdict.PASS:
        return own
    datasets = facts.graph.targets(resource, "datasetId", DATASET)
    inherited = [worst(outcomes_of(_OF_DATASET(one, facts))).verdict for one in datasets]
    return PASS if inherited and all(one is Verdict.PASS for one in inherited) else own


_JUDGED_TABLE = when(opposite(is_set("view"), "a table"), _table, "a view holds no data")


def _check(resource: Resource, facts: Facts) -> Said:
    return _OF_DATASET(resource, facts) if resource.type == DATASET else _JUDGED_TABLE(resource, facts)


def _dataset(**properties: object) -> dict[str, object]:
    return {"type": DATASET, "name": "features", "properties": {"datasetId": "features", **properties}}


def _in(dataset: str) -> dict[str, object]:
    return {"type": TABLE, "name": "main", "properties": {"datasetId": dataset, "tableId": "main"}}


RULE = ResourceRule(
    id="BQ-02",
    title="BigQuery encrypted with a key of your own",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(DATASET, TABLE),
    check=_check,
    covers=("CKV_GCP_81", "CKV_GCP_80", "bigquery_dataset_cmk_encryption", "bigquery_table_cmk_encryption"),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("a dataset with Google's key", DATASET, {"datasetId": "features"}),
        example("a table with Google's key", TABLE, {"datasetId": "features", "tableId": "main"}),
        Example(name="a table in a dataset with Google's key", resources=[_in("features"), _dataset()], about="main"),
    ),
    passing=(
        example("a dataset", DATASET, {"defaultEncryptionConfiguration": {"kmsKeyName": NAME}}),
        example("a table", TABLE, {"encryptionConfiguration": {"kmsKeyName": "${key.id}"}}),
        Example(
            name="a table in a dataset",
            resources=[_in("${features.datasetId}"), _dataset(defaultEncryptionConfiguration={"kmsKeyName": NAME})],
            about="main",
        ),
    ),
)
