"""A key vault is reached over a private endpoint.

What: a private endpoint with the group ``vault`` names the vault.

Why: a vault that is closed to the public and has no private endpoint is reached by nobody but Azure's own services;
one that has none and is open is reached by everybody.

Fix: set ``network.access: private`` and ``network.address_space`` in groundplan.yaml, or add a ``PrivateEndpoint``
that names the vault.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..azure import ENDPOINT, privately_linked
from ..rule import Example, ResourceRule, Severity

VAULT = "azure-native:keyvault:Vault"

_VAULT: Mapping[str, object] = {
    "type": VAULT,
    "name": "vault",
    "properties": {"vaultName": "kv-churn", "properties": {}},
}
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-churn"


def _endpoint(target: str, group: str) -> Mapping[str, object]:
    connection = {"privateLinkServiceId": target, "groupIds": [group]}
    return {"type": ENDPOINT, "name": "door", "properties": {"privateLinkServiceConnections": [connection]}}


RULE = ResourceRule(
    id="KV-06",
    title="Key vault reached over a private endpoint",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(VAULT,),
    check=privately_linked("vault"),
    covers=(
        "CKV2_AZURE_32",
        "azp:Should_Use_PrivateEndpoint_Audit",
        "keyvault_private_endpoints",
    ),
    packs=("hardened",),
    remedy="network.address_space: 10.10.0.0/16",
    failing=(
        Example(name="no endpoint", resources=[_VAULT]),
        Example(
            name="an endpoint of another vault", resources=[_VAULT, _endpoint(_ID.replace("churn", "prices"), "vault")]
        ),
        Example(name="an endpoint of another group", resources=[_VAULT, _endpoint(_ID, "blob")]),
    ),
    passing=(
        Example(name="an endpoint in the same program", resources=[_VAULT, _endpoint("${vault.id}", "vault")]),
        Example(name="an endpoint by the vault's id", resources=[_VAULT, _endpoint(_ID, "vault")]),
    ),
)
