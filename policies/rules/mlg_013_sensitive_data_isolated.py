"""Sensitive data stays in a platform that is closed and encrypted with a key of one's own.

What: where data is confidential or restricted (``governance.data_classification``, a source's ``classification``, or
the resource's own tag), the Azure ML workspace is closed to the public, lets out only what is approved and has a
customer-managed key, its storage accounts too; a Vertex AI endpoint is private, and it, buckets, BigQuery and Vertex
AI datasets have a customer-managed key.

Why: of such data a leak cannot be taken back; a network that lets nothing out and a key that can be withdrawn are what
remains when a credential is stolen.

Fix: set ``network.access: private`` and ``encryption: {}`` in groundplan.yaml, or say that the data is less sensitive
where it is.

Decided: a workspace of the kind Project takes its network and its key from its hub, and is not judged. A resource that
nothing says the sensitivity of is not judged either; MLG-050 asks for the tag.
"""

from collections.abc import Mapping

from ..conditions import all_of, any_of, equals, is_set
from ..outcome import not_applicable
from ..project import classifications, mapping
from ..resource import Resource
from ..rule import Check, Example, Facts, Option, ResourceRule, Said, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
ACCOUNT = "azure-native:storage:StorageAccount"
ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"
KEY = "a customer-managed key"


def _private(resource: Resource, facts: Facts) -> Said:
    path = "privateServiceConnectConfig.enablePrivateServiceConnect"
    return any_of(equals(path, True, absent=False), is_set("network", "a network"))(resource, facts)


_CHECKS: Mapping[str, Check] = {
    WORKSPACE: all_of(
        equals("publicNetworkAccess", "Disabled", absent="Enabled"),
        equals("managedNetwork.isolationMode", "AllowOnlyApprovedOutbound", absent="Disabled"),
        equals("encryption.status", "Enabled", absent="Disabled"),
    ),
    ACCOUNT: all_of(
        equals("publicNetworkAccess", "Disabled", "SecuredByPerimeter", absent="Enabled"),
        equals("encryption.keySource", "Microsoft.Keyvault", absent="Microsoft.Storage"),
    ),
    ENDPOINT: all_of(_private, is_set("encryptionSpec.kmsKeyName", KEY)),
    "gcp:storage/bucket:Bucket": is_set("encryption.defaultKmsKeyName", KEY),
    "gcp:bigquery/dataset:Dataset": is_set("defaultEncryptionConfiguration.kmsKeyName", KEY),
    "gcp:vertex/aiDataset:AiDataset": is_set("encryptionSpec.kmsKeyName", KEY),
}


def _check(resource: Resource, facts: Facts) -> Said:
    if not _is_sensitive(resource, facts):
        return not_applicable("nothing says that its data is sensitive")
    if resource.type == WORKSPACE and str(resource.get("kind")).lower() == "project":
        return not_applicable("its hub decides")
    return _CHECKS[resource.type](resource, facts)


def _is_sensitive(resource: Resource, facts: Facts) -> bool:
    words = set(classifications(facts.config).values()) if facts.config is not None else set[str]()
    tags = mapping(resource.tags)
    words |= {str(tags.get(key, "")).lower() for key in ("data-classification", "classification")}
    return bool(words & set(facts.texts("classifications")))


_OPEN = {"publicNetworkAccess": "Disabled", "encryption": {"status": "Enabled"}}
_CLOSED = {**_OPEN, "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}}
_KEY = {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}
_TAGGED = {"labels": {"data-classification": "restricted"}}


def _of_config(name: str, properties: Mapping[str, object], config: Mapping[str, object]) -> Example:
    return example(name, WORKSPACE, properties, config=config)


_SOURCE = {"data": {"sources": {"people": {"classification": "restricted"}}}}

RULE = ResourceRule(
    id="MLG-013",
    title="Sensitive data only on isolated, encrypted platforms",
    severity=Severity.CRITICAL,
    types=tuple(_CHECKS),
    check=_check,
    relates_to=("GDPR Art.25", "GDPR Art.32", "EU-AI-Act 10(5)", "ISO-27001 A.8.11"),
    packs=("governance",),
    remedy="encryption: {}",
    options={
        "classifications": Option(default=("confidential", "restricted"), help="the words that mean sensitive data")
    },
    failing=(
        _of_config("anything may leave", _OPEN, {"governance": {"data_classification": "confidential"}}),
        _of_config("one source is restricted", {**_CLOSED, "publicNetworkAccess": "Enabled"}, _SOURCE),
        example("a public endpoint", ENDPOINT, {**_TAGGED, "encryptionSpec": _KEY}),
        example("a bucket with the cloud's own key", "gcp:storage/bucket:Bucket", _TAGGED),
        example(
            "an account with the cloud's own key",
            ACCOUNT,
            {"tags": {"data-classification": "confidential"}, "publicNetworkAccess": "Disabled"},
        ),
    ),
    passing=(
        _of_config("closed and encrypted", _CLOSED, {"governance": {"data_classification": "restricted"}}),
        example(
            "a private endpoint",
            ENDPOINT,
            {
                **_TAGGED,
                "encryptionSpec": _KEY,
                "privateServiceConnectConfig": {"enablePrivateServiceConnect": True},
            },
        ),
        example(
            "a bucket", "gcp:storage/bucket:Bucket", {**_TAGGED, "encryption": {"defaultKmsKeyName": "projects/p"}}
        ),
    ),
)
