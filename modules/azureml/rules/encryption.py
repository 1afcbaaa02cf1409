"""What Azure asks of key vaults and keys."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_NAMES = "learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates"

RULES = {
    "azure-native:keyvault:Vault": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
        name=NameRule(
            property="vaultName",
            pattern=r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]*[a-zA-Z0-9]",
            minimum=3,
            maximum=24,
            unique="global",
        ),
        stateful=True,
        loses="its keys and secrets, and with a key whatever is encrypted with it",
        replaced_by=frozenset({"location", "resourceGroupName", "properties.tenantId"}),
        ranges={"properties.softDeleteRetentionInDays": (7, 90)},
        choices={"properties.publicNetworkAccess": frozenset({"Enabled", "Disabled", "enabled", "disabled"})},
        soft_delete_days=90,
        purge="az keyvault recover --name {name} --resource-group {group} --location {region}",
    ),
    "azure-native:keyvault:Key": TypeRules(
        source=f"{_NAMES}, learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation",
        name=NameRule(property="keyName", pattern=r"[a-zA-Z0-9-]+", minimum=1, maximum=127, unique="parent"),
        stateful=True,
        loses="everything that is encrypted with it",
        replaced_by=frozenset({"vaultName", "resourceGroupName", "properties.kty", "properties.keySize"}),
        choices={"properties.keySize": frozenset({"2048", "3072", "4096"})},
        patterns={"properties.rotationPolicy.lifetimeActions.trigger.timeAfterCreate": r"P([7-9]|[1-9]\d+)D"},
        soft_delete_days=90,
    ),
}
"""By type token."""
