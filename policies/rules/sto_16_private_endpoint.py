"""A storage account is reached over a private endpoint.

What: a private endpoint names the account.

Why: an account that is closed to the public and has no private endpoint is reached by nobody but Azure's own
services; one that has none and is open is reached by everybody.

Fix: set ``network.access: private`` and ``network.address_space`` in groundplan.yaml, or add a ``PrivateEndpoint``
that names the account.

Decided: a connection that somebody must approve by hand does not count, nor does one that a workspace's managed
network makes for itself, since neither is known to be there.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..azure import ENDPOINT
from ..conditions import referenced
from ..rule import Example, ResourceRule, Severity

ACCOUNT = "azure-native:storage:StorageAccount"

_STORE: Mapping[str, object] = {"type": ACCOUNT, "name": "store", "properties": {"accountName": "stchurn"}}
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/stchurn"


def _endpoint(target: str) -> Mapping[str, object]:
    connection = {"privateLinkServiceId": target, "groupIds": ["blob"]}
    return {"type": ENDPOINT, "name": "door", "properties": {"privateLinkServiceConnections": [connection]}}


RULE = ResourceRule(
    id="STO-16",
    title="Storage account reached over a private endpoint",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(ACCOUNT,),
    check=referenced(ENDPOINT, "privateLinkServiceConnections[].privateLinkServiceId", "a private endpoint"),
    covers=(
        "CKV2_AZURE_33",
        "azp:StorageAccountPrivateEndpointEnabled_Audit",
        "storage_ensure_private_endpoints_in_storage_accounts",
    ),
    packs=("hardened",),
    remedy="network.address_space: 10.10.0.0/16",
    failing=(
        Example(name="no endpoint", resources=[_STORE]),
        Example(name="an endpoint of another account", resources=[_STORE, _endpoint(_ID.replace("churn", "prices"))]),
    ),
    passing=(
        Example(name="an endpoint in the same program", resources=[_STORE, _endpoint("${store.id}")]),
        Example(name="an endpoint by the account's id", resources=[_STORE, _endpoint(_ID)]),
    ),
)
