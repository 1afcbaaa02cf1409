"""Models and images that were registered stay what they were.

What: the storage account that an Azure ML workspace keeps its artifacts in has blob versioning
(``isVersioningEnabled`` of its blob service); a bucket whose name or ``purpose`` label holds one of the words of the
setting ``words`` has versioning or a retention policy; a Docker repository of Artifact Registry has immutable tags.

Why: a model that can be replaced in its place was never tested.

Fix: groundplan sets all three; take a change out of ``overrides``.

Decided: an Azure container registry locks its tags one by one through its own API, not through the resource manager;
no plan shows it, and nothing is judged there.
"""

from collections.abc import Mapping

from ..conditions import any_of, equals, is_set, referenced
from ..outcome import not_applicable, unknown
from ..project import is_hidden, mapping
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
BUCKET = "gcp:storage/bucket:Bucket"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
_OF_OTHERS = ("REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY")

_versioned = referenced(
    BLOBS, "accountName", "a blob service with versioning", by=equals("isVersioningEnabled", True, absent=False)
)
_kept = any_of(
    equals("versioning.enabled", True, absent=False),
    is_set("retentionPolicy.retentionPeriod", "a retention policy"),
)
_fixed = equals("dockerConfig.immutableTags", True, absent=False)


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == ACCOUNT:
        used = facts.graph.referring(resource, WORKSPACE, "storageAccount")
        return _versioned(resource, facts) if used else not_applicable("no workspace keeps artifacts in it")
    if resource.type == BUCKET:
        named = f"{resource.physical_name} {mapping(resource.tags).get('purpose', '')}".lower()
        holds = any(word in named for word in facts.texts("words"))
        return _kept(resource, facts) if holds else not_applicable("it is not called a store of artifacts")
    if is_hidden(resource.get("format")):
        return unknown("format", "what it holds")
    if str(resource.get("format")).upper() != "DOCKER" or resource.get("mode") in _OF_OTHERS:
        return not_applicable("it holds no images of one's own")
    return _fixed(resource, facts)


def _account(name: str, properties: Mapping[str, object]) -> Example:
    return Example(
        name=name,
        resources=[
            {"type": ACCOUNT, "name": "store", "properties": {"accountName": "st"}},
            {"type": BLOBS, "name": "blobs", "properties": {"accountName": "st", **properties}},
            {"type": WORKSPACE, "name": "ml", "properties": {"storageAccount": "${store.id}"}},
        ],
    )


RULE = ResourceRule(
    id="MLG-065",
    title="Model artifacts immutable or versioned",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT, BUCKET, REPOSITORY),
    check=_check,
    relates_to=("EU-AI-Act 12", "EU-AI-Act 15(5)", "ISO-42001 A.6.2.3", "SLSA L2"),
    packs=("governance",),
    options={
        "words": Option(default=("artifact", "model"), help="what the name or purpose of a bucket of artifacts holds")
    },
    failing=(
        _account("no versions", {"isVersioningEnabled": False}),
        _account("Azure's default", {}),
        example("a bucket of models", BUCKET, {"name": "churn-models"}),
        example("tags that move", REPOSITORY, {"format": "DOCKER"}),
    ),
    passing=(
        _account("versions", {"isVersioningEnabled": True}),
        example("versions", BUCKET, {"name": "churn-artifacts", "versioning": {"enabled": True}}),
        example("a retention policy", BUCKET, {"name": "models", "retentionPolicy": {"retentionPeriod": "2592000"}}),
        example("tags that stay", REPOSITORY, {"format": "DOCKER", "dockerConfig": {"immutableTags": True}}),
    ),
)
