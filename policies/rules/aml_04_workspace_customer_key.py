"""A workspace encrypts what it keeps with a key of the customer's own.

What: ``encryption.status`` is Enabled and ``encryption.keyVaultProperties.keyIdentifier`` names a key. A project of a
hub is encrypted with its hub's key and has none of its own.

Why: metrics, run history and metadata hold samples of sensitive data; with a key of one's own they can be locked at
once, also against the provider.

Fix: write ``encryption: {}`` in groundplan.yaml before the workspace is made; the key cannot be added to one that is
there.

Decided: published rules look at the status alone. Without a key it means nothing, so both are asked for. A project
passes some of them by its kind; here the rule says nothing about it.
"""

from ..conditions import all_of, differs, equals, is_set, when
from ..rule import ResourceRule, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
_KEY = {"keyIdentifier": "https://kv.vault.azure.net/keys/ml/1", "keyVaultArmId": "/subscriptions/s/vaults/kv"}

RULE = ResourceRule(
    id="AML-04",
    title="Workspace encrypted with a customer-managed key",
    severity=Severity.MEDIUM,
    types=(WORKSPACE,),
    check=when(
        differs("kind", "Project", absent="Default"),
        all_of(
            equals("encryption.status", "Enabled", absent="Disabled"),
            is_set("encryption.keyVaultProperties.keyIdentifier", "the identifier of a key"),
        ),
        "a project is encrypted with its hub's key",
    ),
    covers=(
        "azp:ba769a63-b8cc-4b2d-abf6-ac33c7204be8",
        "azp:7f40cee6-e933-4d0f-a782-b96615e0f4a6",
        "machinelearning/mlWorkspaceCMKEncrypted",
        "machine_learning_workspace_encrypted_with_cmk",
        "MCSB:DP-5",
    ),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Microsoft's keys", WORKSPACE, {}),
        example("switched off", WORKSPACE, {"encryption": {"status": "Disabled", "keyVaultProperties": _KEY}}),
        example("no key named", WORKSPACE, {"encryption": {"status": "Enabled", "keyVaultProperties": {}}}),
    ),
    passing=(
        example("a key of its own", WORKSPACE, {"encryption": {"status": "Enabled", "keyVaultProperties": _KEY}}),
        example(
            "a hub with a key",
            WORKSPACE,
            {"kind": "Hub", "encryption": {"status": "Enabled", "keyVaultProperties": _KEY}},
        ),
    ),
)
