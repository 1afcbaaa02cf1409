"""Data is read by identity; no key of a storage account is kept anywhere.

What: ``credentials.credentialsType`` of a datastore of Azure ML is None, ``systemDatastoresAuthMode`` of a workspace
is Identity (absent means AccessKey), and the storage account of the workspace has ``allowSharedKeyAccess`` false
(absent means true).

Why: an account's key opens all its data for ever, to whoever reads it once.

Fix: groundplan sets all three; take a change out of ``overrides``.
"""

from collections.abc import Mapping

from ..conditions import equals, outcomes_of
from ..outcome import not_applicable
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

DATASTORE = "azure-native:machinelearningservices:Datastore"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
ACCOUNT = "azure-native:storage:StorageAccount"

_none = equals("properties.credentials.credentialsType", "None")
_identity = equals("systemDatastoresAuthMode", "Identity", "UserDelegationSAS", absent="AccessKey")
_no_keys = equals("allowSharedKeyAccess", False, absent=True)


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == DATASTORE:
        return _none(resource, facts)
    if str(resource.get("kind")).lower() == "project":
        return not_applicable("its hub decides")
    accounts = facts.graph.targets(resource, "storageAccount", ACCOUNT)
    of_accounts = [outcome for one in accounts for outcome in outcomes_of(_no_keys(one, facts))]
    return [*outcomes_of(_identity(resource, facts)), *of_accounts]


def _workspace(name: str, mode: str, keys: bool) -> Example:
    workspace = {"systemDatastoresAuthMode": mode, "storageAccount": "${store.id}"}
    account: Mapping[str, object] = {"accountName": "st", "allowSharedKeyAccess": keys}
    return Example(
        name=name,
        resources=[
            {"type": WORKSPACE, "name": "ml", "properties": workspace},
            {"type": ACCOUNT, "name": "store", "properties": account},
        ],
    )


RULE = ResourceRule(
    id="MLG-064",
    title="Keyless datastores",
    severity=Severity.HIGH,
    scope="graph",
    types=(DATASTORE, WORKSPACE),
    check=_check,
    relates_to=("MCSB IM-1", "MCSB IM-3"),
    packs=("governance",),
    failing=(
        example("a key", DATASTORE, {"properties": {"credentials": {"credentialsType": "AccountKey"}}}),
        example("a signature", DATASTORE, {"properties": {"credentials": {"credentialsType": "Sas"}}}),
        example("Azure's default", WORKSPACE, {"workspaceName": "ml"}),
        _workspace("an account that takes keys", "Identity", keys=True),
    ),
    passing=(
        example("by identity", DATASTORE, {"properties": {"credentials": {"credentialsType": "None"}}}),
        _workspace("no key anywhere", "identity", keys=False),
    ),
)
