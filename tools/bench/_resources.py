"""The same resources as a Pulumi preview and as a Terraform plan, for whoever judges either."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_AZURE: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "storage:StorageAccount": (
        "storage_account",
        {"accountName": "st{n}", "kind": "StorageV2", "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": False},
        {"name": "st{n}", "account_kind": "StorageV2", "min_tls_version": "TLS1_2",
         "allow_nested_items_to_be_public": False},
    ),
    "storage:BlobContainer": (
        "storage_container",
        {"accountName": "st{n}", "containerName": "models", "publicAccess": "None"},
        {"storage_account_name": "st{n}", "name": "models", "container_access_type": "private"},
    ),
    "keyvault:Vault": (
        "key_vault",
        {"vaultName": "kv-{n}", "properties": {"enablePurgeProtection": True, "publicNetworkAccess": "Disabled"}},
        {"name": "kv-{n}", "purge_protection_enabled": True, "public_network_access_enabled": False},
    ),
    "keyvault:Key": (
        "key_vault_key",
        {"keyName": "key", "vaultName": "kv-{n}", "properties": {"kty": "RSA", "keySize": 3072}},
        {"name": "key", "key_vault_id": "kv-{n}", "key_type": "RSA", "key_size": 3072},
    ),
    "keyvault:Secret": (
        "key_vault_secret",
        {"secretName": "token", "vaultName": "kv-{n}", "properties": {"contentType": "text/plain"}},
        {"name": "token", "key_vault_id": "kv-{n}", "content_type": "text/plain"},
    ),
    "containerregistry:Registry": (
        "container_registry",
        {"registryName": "cr{n}", "sku": {"name": "Premium"}, "adminUserEnabled": False},
        {"name": "cr{n}", "sku": "Premium", "admin_enabled": False},
    ),
    "machinelearningservices:Workspace": (
        "machine_learning_workspace",
        {"workspaceName": "mlw-{n}", "publicNetworkAccess": "Disabled", "keyVault": "kv-{n}",
         "storageAccount": "st{n}"},
        {"name": "mlw-{n}", "public_network_access_enabled": False, "key_vault_id": "kv-{n}",
         "storage_account_id": "st{n}"},
    ),
    "machinelearningservices:Compute": (
        "machine_learning_compute_cluster",
        {"computeName": "cpu", "workspaceName": "mlw-{n}", "properties": {"computeType": "AmlCompute", "properties": {
            "vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}},
        {"name": "cpu", "machine_learning_workspace_id": "mlw-{n}", "vm_size": "Standard_DS3_v2",
         "scale_settings": [{"min_node_count": 0, "max_node_count": 4}]},
    ),
    "cognitiveservices:Account": (
        "cognitive_account",
        {"accountName": "ai-{n}", "kind": "OpenAI", "properties": {"disableLocalAuth": True}},
        {"name": "ai-{n}", "kind": "OpenAI", "local_auth_enabled": False},
    ),
    "search:Service": (
        "search_service",
        {"searchServiceName": "srch-{n}", "sku": {"name": "standard"}, "replicaCount": 3},
        {"name": "srch-{n}", "sku": "standard", "replica_count": 3},
    ),
    "network:SecurityRule": (
        "network_security_rule",
        {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "destinationPortRange": "22",
         "sourceAddressPrefix": "10.0.0.0/8", "priority": 100},
        {"access": "Allow", "direction": "Inbound", "protocol": "Tcp", "destination_port_range": "22",
         "source_address_prefix": "10.0.0.0/8", "priority": 100},
    ),
    "containerservice:ManagedCluster": (
        "kubernetes_cluster",
        {"resourceName": "aks-{n}", "disableLocalAccounts": True, "enableRBAC": True},
        {"name": "aks-{n}", "local_account_disabled": True, "role_based_access_control_enabled": True},
    ),
}  # fmt: skip
_GOOGLE: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "storage/bucket:Bucket": (
        "storage_bucket",
        {"name": "b-{n}", "uniformBucketLevelAccess": True, "publicAccessPrevention": "enforced"},
        {"name": "b-{n}", "uniform_bucket_level_access": True, "public_access_prevention": "enforced"},
    ),
    "bigquery/dataset:Dataset": (
        "bigquery_dataset",
        {"datasetId": "d_{n}", "accesses": [{"role": "READER", "userByEmail": "ml@example.com"}]},
        {"dataset_id": "d_{n}", "access": [{"role": "READER", "user_by_email": "ml@example.com"}]},
    ),
    "bigquery/table:Table": (
        "bigquery_table",
        {"datasetId": "d_{n}", "tableId": "features", "deletionProtection": True},
        {"dataset_id": "d_{n}", "table_id": "features", "deletion_protection": True},
    ),
    "kms/cryptoKey:CryptoKey": (
        "kms_crypto_key",
        {"name": "k-{n}", "keyRing": "ring", "rotationPeriod": "7776000s"},
        {"name": "k-{n}", "key_ring": "ring", "rotation_period": "7776000s"},
    ),
    "artifactregistry/repository:Repository": (
        "artifact_registry_repository",
        {"repositoryId": "r-{n}", "format": "DOCKER"},
        {"repository_id": "r-{n}", "format": "DOCKER"},
    ),
    "compute/firewall:Firewall": (
        "compute_firewall",
        {"name": "fw-{n}", "network": "net", "allows": [{"protocol": "tcp", "ports": ["22"]}],
         "sourceRanges": ["10.0.0.0/8"]},
        {"name": "fw-{n}", "network": "net", "allow": [{"protocol": "tcp", "ports": ["22"]}],
         "source_ranges": ["10.0.0.0/8"]},
    ),
    "vertex/aiEndpoint:AiEndpoint": (
        "vertex_ai_endpoint",
        {"name": "e-{n}", "displayName": "e-{n}", "encryptionSpec": {"kmsKeyName": "k-{n}"}},
        {"name": "e-{n}", "display_name": "e-{n}", "encryption_spec": [{"kms_key_name": "k-{n}"}]},
    ),
    "projects/iAMMember:IAMMember": (
        "project_iam_member",
        {"project": "p", "role": "roles/aiplatform.user", "member": "serviceAccount:sa-{n}@p.example.com"},
        {"project": "p", "role": "roles/aiplatform.user", "member": "serviceAccount:sa-{n}@p.example.com"},
    ),
}  # fmt: skip
_KINDS = [
    *((f"azure-native:{ours}", f"azurerm_{theirs}", one, other) for ours, (theirs, one, other) in _AZURE.items()),
    *((f"gcp:{ours}", f"google_{theirs}", one, other) for ours, (theirs, one, other) in _GOOGLE.items()),
]


def write_preview(path: Path, count: int, *, bare: bool = False) -> None:
    """What ``pulumi preview --json`` prints of so many resources; ``bare`` ones have no properties: most rules fail."""
    steps: list[dict[str, Any]] = []
    for number, (type, _, properties, _) in _some(count):
        urn = f"urn:pulumi:dev::bench::{type}::one-{number}"
        inputs: dict[str, Any] = {} if bare else _filled(properties, number)
        state = {"urn": urn, "custom": True, "type": type, "inputs": inputs}
        steps.append({"op": "create", "urn": urn, "newState": state})
    path.write_text(json.dumps({"config": {}, "steps": steps, "changeSummary": {"create": count}}), encoding="utf-8")


def write_terraform_plan(path: Path, count: int) -> None:
    """What ``terraform show -json`` prints of the same resources, without what it repeats of each."""
    planned: list[dict[str, Any]] = []
    for number, (_, type, _, values) in _some(count):
        name = f"one_{number}"
        planned.append({
            "address": f"{type}.{name}", "mode": "managed", "type": type, "name": name, "schema_version": 0,
            "provider_name": f"registry/hashicorp/{type.partition('_')[0]}", "values": _filled(values, number),
        })  # fmt: skip
    changes = [
        {**_identity(one), "change": {"actions": ["create"], "before": None, "after": one["values"]}} for one in planned
    ]
    plan = {
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}}, "resource_changes": changes,
    }  # fmt: skip
    path.write_text(json.dumps(plan), encoding="utf-8")


def _identity(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one[key] for key in ("address", "mode", "type", "name", "provider_name")}


def _some(count: int) -> Iterator[tuple[int, tuple[str, str, dict[str, Any], dict[str, Any]]]]:
    """One of each kind with the same number, then of the next number."""
    for place in range(count):
        yield place // len(_KINDS), _KINDS[place % len(_KINDS)]


def _filled(properties: Mapping[str, Any], number: int) -> Any:
    return json.loads(json.dumps(properties).replace("{n}", str(number)))
