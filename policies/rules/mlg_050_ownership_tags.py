"""Whatever can bear tags says whose it is, who pays, where it belongs and how careful one must be.

What: each resource of a machine-learning platform that takes tags or labels has those of the setting ``keys``, none of
them empty. On Azure ``owner`` looks as the setting ``owner`` asks (an address, or a name); ``environment`` is one of
the config's environments or shared; on Google Cloud keys and values hold only what labels may.

Why: what nobody owns nobody cleans up, pays for or answers for.

Fix: groundplan sets them all; write ``owner`` and ``governance`` in groundplan.yaml so that they say more than a
default.

Decided: a label of Google Cloud holds no ``@``, so the owner's form is not asked for there.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from ..outcome import Outcome, failed, passed, unknown
from ..project import is_hidden, mapping
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

AZURE = (
    "applicationinsights:Component",
    "cognitiveservices:Account",
    "containerregistry:Registry",
    "keyvault:Vault",
    "machinelearningservices:BatchDeployment",
    "machinelearningservices:BatchEndpoint",
    "machinelearningservices:Compute",
    "machinelearningservices:OnlineDeployment",
    "machinelearningservices:OnlineEndpoint",
    "machinelearningservices:Registry",
    "machinelearningservices:Workspace",
    "managedidentity:UserAssignedIdentity",
    "operationalinsights:Workspace",
    "resources:ResourceGroup",
    "search:Service",
    "storage:StorageAccount",
)
GOOGLE = (
    "artifactregistry/repository:Repository",
    "bigquery/dataset:Dataset",
    "bigquery/table:Table",
    "colab/runtimeTemplate:RuntimeTemplate",
    "kms/cryptoKey:CryptoKey",
    "secretmanager/secret:Secret",
    "storage/bucket:Bucket",
    "vertex/aiDataset:AiDataset",
    "vertex/aiEndpoint:AiEndpoint",
    "vertex/aiFeatureGroup:AiFeatureGroup",
    "vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
    "vertex/aiIndex:AiIndex",
    "vertex/aiIndexEndpoint:AiIndexEndpoint",
    "vertex/aiPersistentResource:AiPersistentResource",
    "vertex/aiReasoningEngine:AiReasoningEngine",
    "vertex/aiTensorboard:AiTensorboard",
    "workbench/instance:Instance",
)
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_VALUE = re.compile(r"[a-z0-9_-]{0,63}")


def _check(resource: Resource, facts: Facts) -> Said:
    place = "labels" if resource.type.startswith("gcp:") else "tags"
    if is_hidden(resource.tags):
        return unknown(place, ", ".join(facts.texts("keys")))
    tags = mapping(resource.tags)
    wrong = list(_labels(place, tags)) if place == "labels" else []
    return [*(_judged(place, key, tags.get(key, ""), facts) for key in facts.texts("keys")), *wrong]


def _judged(place: str, key: str, value: object, facts: Facts) -> Outcome:
    if not value:
        return _missing(place, key)
    path = f"{place}.{key}"
    if is_hidden(value):
        return unknown(path, "a value")
    if key == "owner" and place == "tags" and not _pattern(facts.text("owner")).fullmatch(str(value)):
        return failed(path, value, "an address or a team")
    if key == "environment" and facts.config is not None and facts.config.environments:
        known = (*facts.config.environments, "shared")
        return passed(path, value) if value in known else failed(path, value, " or ".join(known))
    return passed(path, value)


@cache
def _missing(place: str, key: str) -> Outcome:
    """One for all resources: where nobody sets tags, this is most of what a check says."""
    return failed(f"{place}.{key}", "not set", f"the {'label' if place == 'labels' else 'tag'} {key}")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _labels(place: str, tags: Mapping[str, object]) -> Iterator[Outcome]:
    for key, value in tags.items():
        if not _KEY.fullmatch(key):
            yield failed(place, f"the key {key}", "lower-case letters, digits, hyphens and underscores")
        elif not is_hidden(value) and not _VALUE.fullmatch(str(value)):
            yield failed(f"{place}.{key}", value, "lower-case letters, digits, hyphens and underscores")


_KEYS = ("owner", "cost-center", "environment", "system-id", "data-classification", "risk-tier")
_TAGS = {
    "owner": "ml@example.com",
    "cost-center": "CC-1",
    "environment": "prod",
    "system-id": "SYS-1",
    "data-classification": "internal",
    "risk-tier": "limited",
}
_LABELS = {key: value.lower().replace("@", "-").replace(".", "-") for key, value in _TAGS.items()}
_WORKSPACE = "azure-native:machinelearningservices:Workspace"
_BUCKET = "gcp:storage/bucket:Bucket"
_ENVIRONMENTS = {"dev": {"tier": "development"}, "prod": {"tier": "production"}}

RULE = ResourceRule(
    id="MLG-050",
    title="Ownership tags on every ML resource that takes them",
    severity=Severity.HIGH,
    types=(*(f"azure-native:{one}" for one in AZURE), *(f"gcp:{one}" for one in GOOGLE)),
    check=_check,
    relates_to=("ISO-42001 A.3.2", "ISO-42001 A.4.2", "ISO-27001 A.5.9", "NIST-AI-RMF GOVERN 2.1"),
    packs=("governance",),
    remedy="governance: {cost_center: CC-4711, system_id: SYS-0815}",
    options={
        "keys": Option(default=_KEYS, help="the tags or labels that must be there"),
        "owner": Option(
            default=r"[^@\s]+@[^@\s]+\.[^@\s]+|[A-Za-z][\w .-]+", help="how an owner looks on Azure: a pattern"
        ),
    },
    failing=(
        example("no tags", _WORKSPACE, {}),
        example("one is missing", _WORKSPACE, {"tags": {key: one for key, one in _TAGS.items() if key != "owner"}}),
        example("an owner that is none", _WORKSPACE, {"tags": {**_TAGS, "owner": "?"}}),
        example("a value that no label may hold", _BUCKET, {"labels": {**_LABELS, "owner": "ml@example.com"}}),
        example(
            "an environment that is none",
            _WORKSPACE,
            {"tags": {**_TAGS, "environment": "playground"}},
            config={},
            environments=_ENVIRONMENTS,
        ),
    ),
    passing=(
        example("tags", _WORKSPACE, {"tags": _TAGS}),
        example("labels", _BUCKET, {"labels": _LABELS}),
        example("an environment of the config", _WORKSPACE, {"tags": _TAGS}, config={}, environments=_ENVIRONMENTS),
    ),
)
