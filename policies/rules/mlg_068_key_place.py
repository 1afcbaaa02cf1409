"""A key lies in the region of what it encrypts, and not beside it in the same project.

What: on Google Cloud the key of an endpoint, a data set, a bucket, a BigQuery dataset, a repository and a log bucket
lies in the resource's region (or in a multi-region that the setting ``multi_regions`` names), and in another project
than the resource, unless ``separate_project`` is false. On Azure the vault of a workspace's key lies in the
workspace's region and has purge protection. What has no key of one's own is not judged.

Why: who may delete or read data must not also hold the key; a vault that can be purged takes all data with it.

Fix: name a key of another project: ``encryption.key`` in groundplan.yaml; groundplan's own keys lie in the region of
the project.
"""

from collections.abc import Iterator, Mapping

from ..keys import Key, key_of, region_of
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..project import is_hidden
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

WORKSPACE = "azure-native:machinelearningservices:Workspace"
VAULT = "azure-native:keyvault:Vault"
BUCKET = "gcp:storage/bucket:Bucket"
VAULT_PATH = "encryption.keyVaultProperties.keyVaultArmId"
PATHS: Mapping[str, str] = {
    "gcp:artifactregistry/repository:Repository": "kmsKeyName",
    "gcp:bigquery/dataset:Dataset": "defaultEncryptionConfiguration.kmsKeyName",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "cmekSettings.kmsKeyName",
    "gcp:vertex/aiDataset:AiDataset": "encryptionSpec.kmsKeyName",
    "gcp:vertex/aiEndpoint:AiEndpoint": "encryptionSpec.kmsKeyName",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": "encryptionSpec.kmsKeyName",
    "gcp:vertex/aiIndex:AiIndex": "encryptionSpec.kmsKeyName",
    "gcp:vertex/aiMetadataStore:AiMetadataStore": "encryptionSpec.kmsKeyName",
    "gcp:vertex/aiTensorboard:AiTensorboard": "encryptionSpec.kmsKeyName",
    BUCKET: "encryption.defaultKmsKeyName",
}


def _check(resource: Resource, facts: Facts) -> Said:
    path = PATHS.get(resource.type, VAULT_PATH)
    if resource.get(path) is ABSENT:
        return not_applicable("it has no key of one's own")
    if resource.type == WORKSPACE:
        return list(_of_vault(resource, facts))
    key = key_of(resource, path, facts.graph)
    return unknown(path, "a key in its region") if key is None else list(_of_key(resource, path, key, facts))


def _of_key(resource: Resource, path: str, key: Key, facts: Facts) -> Iterator[Outcome]:
    here = region_of(resource)
    allowed = {here, *(one.lower() for one in facts.texts("multi_regions"))}
    if not here or not key.region:
        yield unknown(path, "a key in its region")
    else:
        expected = f"a key in {here}"
        yield passed(path, key.region) if key.region in allowed else failed(path, f"a key in {key.region}", expected)
    project = resource.get("project")
    if facts.on("separate_project") and isinstance(project, str) and key.project:
        apart = key.project != project
        yield (
            passed(path, key.project) if apart else failed(path, f"a key in {project} too", "a key in another project")
        )


def _of_vault(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    vault = next(iter(facts.graph.targets(resource, VAULT_PATH, VAULT)), None)
    if vault is None:
        yield unknown(VAULT_PATH, "a vault with purge protection in its region")
        return
    safe = vault.get("properties.enablePurgeProtection")
    if is_hidden(safe):
        yield unknown(VAULT_PATH, "purge protection")
    elif safe is True:
        yield passed(VAULT_PATH, vault.name)
    else:
        yield failed(VAULT_PATH, f"{vault.name} can be purged", "purge protection")
    place, here = vault.get("location"), resource.get("location")
    if isinstance(place, str) and isinstance(here, str):
        same = place.replace(" ", "").lower() == here.replace(" ", "").lower()
        yield (
            passed(VAULT_PATH, place) if same else failed(VAULT_PATH, f"{vault.name} in {place}", f"a vault in {here}")
        )


def _bucket(name: str, key: str, location: str = "EUROPE-WEST4", **more: object) -> Example:
    properties = {"location": location, "project": "acme", "encryption": {"defaultKmsKeyName": key}}
    return example(name, BUCKET, properties, **more)


def _workspace(name: str, vault: Mapping[str, object], location: str = "westeurope") -> Example:
    encryption = {"status": "Enabled", "keyVaultProperties": {"keyVaultArmId": "${vault.id}"}}
    return Example(
        name=name,
        resources=[
            {"type": WORKSPACE, "name": "ml", "properties": {"location": "westeurope", "encryption": encryption}},
            {"type": VAULT, "name": "vault", "properties": {"location": location, "properties": vault}},
        ],
    )


def _key(project: str, region: str) -> str:
    return f"projects/{project}/locations/{region}/keyRings/r/cryptoKeys/k"


RULE = ResourceRule(
    id="MLG-068",
    title="Encryption key in the resource's region, apart and protected",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(*PATHS, WORKSPACE),
    check=_check,
    relates_to=("NIST-800-53r5 SC-12",),
    packs=("governance",),
    remedy="encryption: {key: projects/acme-keys/locations/europe-west4/keyRings/ml/cryptoKeys/platform}",
    options={
        "multi_regions": Option(default=(), help="multi-regions whose keys are accepted, such as europe"),
        "separate_project": Option(default=True, help="whether the key must be in another project than the data"),
    },
    failing=(
        _bucket("a key elsewhere", _key("acme-keys", "us-central1")),
        _bucket("a key of a multi-region", _key("acme-keys", "europe")),
        _bucket("a key beside the data", _key("acme", "europe-west4")),
        _workspace("a vault that can be purged", {"enablePurgeProtection": False}),
        _workspace("a vault elsewhere", {"enablePurgeProtection": True}, "northeurope"),
    ),
    passing=(
        _bucket("beside it, in another project", _key("acme-keys", "europe-west4")),
        _bucket("a multi-region that is named", _key("acme-keys", "europe"), settings={"multi_regions": ("europe",)}),
        _bucket("one project is accepted", _key("acme", "europe-west4"), settings={"separate_project": False}),
        _workspace("a vault that keeps", {"enablePurgeProtection": True}),
    ),
)
