"""Environments share no workspace, no identity, no storage and no key.

What: no workspace, identity, service account, storage account, bucket, vault, key or project with the same name in the
same place is planned for two environments; and what a workspace, a compute, an endpoint or an account uses (storage,
vault, identities, encryption key) belongs to its own environment. No two environments are encrypted with one key. What
comes from another stack and cannot be told is unknown.

Why: whoever breaks into development must not thereby be in production, and who may change one must not be able to
change both.

Fix: leave names to groundplan, which makes everything anew for each environment; name another ``encryption.key`` for
each: ``environments.<name>.encryption.key``.

Decided: what is in the shared stack on purpose (registries, CI's identities) is not judged, unless an environment
stores its data there or acts as it. A key may lie there, away from who deploys the environment, as long as no other
environment uses the same one; a vault then holds keys of several, which roles on single keys hold apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .. import paths
from ..outcome import Outcome, failed, passed, unknown
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity
from ..values import ABSENT, Unknown

_ML = "azure-native:machinelearningservices:"
WORKSPACE = f"{_ML}Workspace"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
ACCOUNT = "azure-native:storage:StorageAccount"
VAULT = "azure-native:keyvault:Vault"
BUCKET = "gcp:storage/bucket:Bucket"
KEY = "gcp:kms/cryptoKey:CryptoKey"
OWNED = (
    WORKSPACE,
    IDENTITY,
    ACCOUNT,
    VAULT,
    BUCKET,
    KEY,
    "gcp:organizations/project:Project",
    "gcp:serviceaccount/account:Account",
)
_USERS = (f"{_ML}Compute", f"{_ML}OnlineEndpoint", "gcp:vertex/aiEndpoint:AiEndpoint")
_USES = (
    "storageAccount",
    "keyVault",
    "identity.userAssignedIdentities",
    "primaryUserAssignedIdentity",
)
_KEYS = (
    "encryption.keyVaultProperties.keyIdentifier",
    "encryption.defaultKmsKeyName",
    "encryptionSpec.kmsKeyName",
)
_KEY_NAME = "encryption.keyVaultProperties.keyName"
_VAULT = ("encryption.keyVaultProperties.keyVaultUri",)
_KEY_PLACES = ("encryption.keyVaultProperties", *_KEYS[1:])
_PLACE = ("resourceGroupName", "project", "keyRing")
_STACK = "pulumi:pulumi:StackReference"
_SHARED = "shared"


def _check(resource: Resource, facts: Facts) -> Said:
    if not resource.environment:
        return unknown("", "an environment of its own")
    found = [
        *_twins(resource, facts),
        *_foreign(resource, facts),
        *_keys(resource, facts),
        *_key_names(resource, facts),
    ]
    return found or passed("", resource.name)


def _twins(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    name, type = resource.physical_name, resource.type
    if not name or type not in OWNED:
        return
    same = (one for one in facts.graph.called(name, type) if one.physical_name.lower() == name.lower())
    other = _other(resource, facts.once((type, name.lower()), lambda: _by_place(same, _PLACE)), _PLACE)
    if other is not None:
        yield failed("", f"{name}, which {other.environment} has too", "one of its own")


def _by_place(found: Iterable[Resource], paths: Sequence[str]) -> Mapping[str, Mapping[str, Resource]]:
    """Of each place, which the values at these paths tell, one resource of each environment."""
    places: dict[str, dict[str, Resource]] = {}
    for one in found:
        places.setdefault(_place(one, paths), {}).setdefault(one.environment, one)
    return places


def _place(resource: Resource, paths: Sequence[str]) -> str:
    return repr([resource.get(path) for path in paths])


def _other(
    resource: Resource, places: Mapping[str, Mapping[str, Resource]], paths: Sequence[str]
) -> Resource | None:  # fmt: skip
    """One in the same place of another environment."""
    there = places.get(_place(resource, paths), {}).values()
    return next((one for one in there if _is_elsewhere(one, resource)), None)


def _foreign(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    for path in (*_USES, *_KEY_PLACES):
        values = () if resource.get(path) is ABSENT else paths.leaves(resource.get(path))
        for target in {one.urn: one for value in values for one in _named(value, resource, facts)}.values():
            if _is_elsewhere(target, resource) and not (path in _KEY_PLACES and target.environment == _SHARED):
                yield failed(path, f"{target.name} of {target.environment}", f"one of {resource.environment}")


def _named(value: object, resource: Resource, facts: Facts) -> list[Resource]:
    """What a value names. A name that several environments use means the resource's own."""
    found = facts.graph.named(value, *OWNED)
    own = [one for one in found if one.environment == resource.environment]
    return own if own and isinstance(value, str) else found


def _keys(resource: Resource, facts: Facts) -> Iterator[Outcome]:
    for path in _KEYS:
        key = resource.get(path)
        if isinstance(key, Unknown):
            if key.of and any(f"{_STACK}::" in urn for urn in key.of):
                yield unknown(path, f"a key of {resource.environment}")
        elif isinstance(key, str):
            users = facts.graph.references(resource.type, path).by_environment.get(key.lower(), {})
            other = next((one for one in users.values() if _is_elsewhere(one, resource)), None)
            if other is not None:
                yield failed(path, f"{key}, which {other.environment} uses too", "a key of its own")


def _key_names(account: Resource, facts: Facts) -> Iterator[Outcome]:
    """A storage account names its key and the vault apart."""
    name = account.get(_KEY_NAME)
    if account.type != ACCOUNT or not isinstance(name, str):
        return
    same = facts.graph.references(ACCOUNT, _KEY_NAME).by_key.get(name.lower(), ())
    other = _other(account, facts.once((_KEY_NAME, name.lower()), lambda: _by_place(same, _VAULT)), _VAULT)
    if other is not None:
        yield failed(_KEY_NAME, f"{name}, which {other.environment} uses too", "a key of its own")


def _is_elsewhere(other: Resource, resource: Resource) -> bool:
    return other.environment not in ("", resource.environment)


def _one(type: str, name: str, environment: str, properties: Mapping[str, object]) -> Mapping[str, object]:
    return {"type": type, "name": name, "environment": environment, "properties": properties}


def _bucket(environment: str, key: str) -> Mapping[str, object]:
    properties = {"name": f"churn-{environment}", "encryption": {"defaultKmsKeyName": key}}
    return _one(BUCKET, f"data-{environment}", environment, properties)


def _account(environment: str, key: str) -> Mapping[str, object]:
    named = {"keyName": key, "keyVaultUri": "https://kvk-churn.vault.azure.net"}
    properties = {"accountName": f"st{environment}", "encryption": {"keyVaultProperties": named}}
    return _one(ACCOUNT, environment, environment, properties)


_KEY = "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"
_IN_SHARED = "projects/p/locations/europe-west4/keyRings/churn/cryptoKeys/prod"
_SHARED_KEY = _one(KEY, "key-prod", "shared", {"name": "prod", "keyRing": _IN_SHARED.partition("/cryptoKeys")[0]})
_WORKSPACE = _one(WORKSPACE, "ml", "prod", {"workspaceName": "mlw-prod", "storageAccount": "${store.id}"})

RULE = ResourceRule(
    id="MLG-052",
    title="Environments share no workspace, identity, storage or key",
    severity=Severity.CRITICAL,
    scope="graph",
    types=(*OWNED, *_USERS),
    check=_check,
    relates_to=(
        "ISO-27001 A.8.31",
        "SOC2 CC8.1",
        "NIST-800-53r5 CM-4(1)",
        "NIST-800-53r5 SC-7(21)",
    ),
    packs=("governance",),
    remedy="environments: {prod: {encryption: {key: …}}}",
    failing=(
        Example(
            name="the same account twice",
            resources=[
                _one(ACCOUNT, "prod", "prod", {"accountName": "stchurn", "resourceGroupName": "rg-churn"}),
                _one(ACCOUNT, "dev", "dev", {"accountName": "STCHURN", "resourceGroupName": "rg-churn"}),
            ],
        ),
        Example(
            name="the storage of development",
            resources=[_WORKSPACE, _one(ACCOUNT, "store", "dev", {"accountName": "stdev"})],
        ),
        Example(name="the same key", resources=[_bucket("prod", _KEY), _bucket("dev", _KEY)]),
        Example(
            name="a key of the shared stack that development uses too",
            resources=[_bucket("prod", _IN_SHARED), _bucket("dev", _IN_SHARED), _SHARED_KEY],
            about="data-prod",
        ),
        Example(name="an account with the same key", resources=[_account("prod", "key"), _account("dev", "KEY")]),
        Example(
            name="the key of development",
            resources=[_bucket("prod", "${key.id}"), _one(KEY, "key", "dev", {"name": "dev", "keyRing": "r"})],
            about="data-prod",
        ),
        Example(
            name="the identity of development",
            resources=[
                _one(f"{_ML}OnlineEndpoint", "churn", "prod", {"identity": {"userAssignedIdentities": ["${me.id}"]}}),
                _one(IDENTITY, "me", "dev", {"resourceName": "id-dev"}),
            ],
            about="churn",
        ),
    ),
    passing=(
        Example(
            name="an account each",
            resources=[
                _one(ACCOUNT, "prod", "prod", {"accountName": "stprod", "resourceGroupName": "rg-churn"}),
                _one(ACCOUNT, "dev", "dev", {"accountName": "stdev", "resourceGroupName": "rg-churn"}),
            ],
        ),
        Example(
            name="its own storage", resources=[_WORKSPACE, _one(ACCOUNT, "store", "prod", {"accountName": "stprod"})]
        ),
        Example(
            name="the same name in another group",
            resources=[
                _one(IDENTITY, "prod", "prod", {"resourceName": "id-churn", "resourceGroupName": "rg-prod"}),
                _one(IDENTITY, "dev", "dev", {"resourceName": "id-churn", "resourceGroupName": "rg-dev"}),
            ],
        ),
        Example(name="a key each", resources=[_bucket("prod", _KEY), _bucket("dev", f"{_KEY}-dev")]),
        Example(name="an account with its own key", resources=[_account("prod", "key"), _account("dev", "key-dev")]),
        Example(
            name="a key of its own in the shared stack",
            resources=[_bucket("prod", _IN_SHARED), _bucket("dev", f"{_IN_SHARED}-dev"), _SHARED_KEY],
            about="data-prod",
        ),
    ),
)
