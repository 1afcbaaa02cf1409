"""The key of one's own: how it is made, and that agents may use it before anything is encrypted with it."""

from __future__ import annotations

import pytest
from groundplan.modules.contract.encryption import EncryptionKey
from groundplan.modules.vertex import encryption

import google_stack
import pulumi_kit
from google_stack import KEY, LABELS, PROJECT, REGION, Made


def test_the_key_renews_itself_and_is_never_deleted(shared: Made) -> None:
    labels = {**LABELS, "environment": "shared"}

    assert shared.inputs("encryption-ring") == {"project": PROJECT, "location": REGION, "name": "churn-shared"}
    assert shared.inputs("encryption-key-dev") == {
        "keyRing": "<encryption-ring.id>",
        "name": "dev",
        "purpose": "ENCRYPT_DECRYPT",
        "rotationPeriod": "7776000s",
        "destroyScheduledDuration": "2592000s",
        "versionTemplate": {"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protectionLevel": "SOFTWARE"},
        "labels": labels,
    }
    for name in ("encryption-ring", "encryption-key-dev", "encryption-key-shared"):
        assert (shared[name].retain_on_delete, shared[name].protect) == (True, True)


@pytest.mark.parametrize(
    ("name", "path", "agent"),
    [
        ("storage-data", ("encryption", "defaultKmsKeyName"), "storage-key-storage"),
        ("storage-artifacts", ("encryption", "defaultKmsKeyName"), "storage-key-storage"),
        ("storage-features", ("defaultEncryptionConfiguration", "kmsKeyName"), "storage-key-bigquery"),
        ("storage-requests", ("defaultEncryptionConfiguration", "kmsKeyName"), "storage-key-bigquery"),
        ("workspace-metadata-store", ("encryptionSpec", "kmsKeyName"), "workspace-key-aiplatform"),
        ("workspace-tensorboard", ("encryptionSpec", "kmsKeyName"), "workspace-key-aiplatform"),
    ],
)
def test_what_keeps_data_is_encrypted_after_its_agent_may_use_the_key(
    hardened: Made, name: str, path: tuple[str, str], agent: str
) -> None:
    outer, inner = path

    assert hardened.inputs(name)[outer] == {inner: KEY}
    assert agent in pulumi_kit.depends_on(hardened[name])


def test_an_agent_keeps_the_key_when_a_stack_goes(hardened: Made) -> None:
    made = hardened["storage-key-storage"]

    assert made.properties == {
        "cryptoKeyId": KEY,
        "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        "member": f"serviceAccount:service-{google_stack.NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
    }
    assert made.retain_on_delete


def test_without_a_key_nothing_names_one(default: Made) -> None:
    assert [name for name in default.by_name if "key" in name] == []
    assert "encryption" not in default.inputs("storage-data")
    assert "encryptionSpec" not in default.inputs("workspace-tensorboard")


def test_an_environment_knows_its_key_by_name() -> None:
    assert encryption.encryption_key(google_stack.context("shared"), "dev") == EncryptionKey(key_id=KEY, version_id=KEY)
