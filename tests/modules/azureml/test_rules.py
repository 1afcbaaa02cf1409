"""What groundplan knows of Azure's resource types, and that all it makes keeps to it and to Azure's own description.

The description lies beside the project, or those tests are skipped. Not proved: what neither of the two says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from groundplan.modules.contract.planned import PlannedResource, Unknown
from groundplan.stacks.planning.rules import of_platform
from groundplan.stacks.planning.validation import facts

import azure_oracle
import azure_stack

RULES = of_platform("azureml")


@pytest.fixture(scope="session")
def everything(
    default: azure_stack.Made,
    public: azure_stack.Made,
    hardened: azure_stack.Made,
    joined: azure_stack.Made,
    shared: azure_stack.Made,
) -> dict[str, list[PlannedResource]]:
    """Every resource of every variant, with what only the cloud knows as unknown."""
    variants = {"default": default, "public": public, "hardened": hardened, "joined": joined, "shared": shared}
    return {name: [_as_planned(one) for one in made.values()] for name, made in variants.items()}


VARIANTS = ["default", "public", "hardened", "joined", "shared"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_type_has_rules_and_every_resource_keeps_to_them(
    everything: dict[str, list[PlannedResource]], variant: str
) -> None:
    made = everything[variant]
    assert {one.type for one in made} - RULES.keys() == set()
    assert [found for one in made if (found := _findings(one))] == []
    assert [finding.message for _, finding in facts.taken_twice(made, RULES)] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_resource_keeps_to_azures_own_description(
    everything: dict[str, list[PlannedResource]], variant: str
) -> None:
    assert azure_oracle.problems(everything[variant]) == []


def test_what_production_protects_says_what_would_be_lost(everything: dict[str, list[PlannedResource]]) -> None:
    for one in everything["hardened"] + everything["shared"]:
        rule = RULES[one.type]
        assert not one.protect or rule.stateful, one.name
        assert bool(rule.loses) is rule.stateful, one.name


def test_a_name_that_stays_reserved_says_for_how_long_and_what_frees_it() -> None:
    reserved = {token.rpartition(":")[2]: rule for token, rule in RULES.items() if rule.soft_delete_days}
    assert {name: rule.soft_delete_days for name, rule in reserved.items() if name in ("Vault", "Key")} == {
        "Vault": 90,
        "Key": 90,
    }
    workspace = RULES["azure-native:machinelearningservices:Workspace"]
    assert workspace.soft_delete_days == 14
    assert workspace.purge.format(name="mlw-churn-dev", group="rg-churn-dev", region="westeurope") == (
        "az ml workspace delete --name mlw-churn-dev --resource-group rg-churn-dev --permanently-delete --yes"
    )


WRONG: list[tuple[str, dict[str, object], str]] = [
    ("storage-account", {"accountName": "St-Churn"}, "is not of the form"),
    ("storage-account", {"accountName": "st" * 20}, "has 40 characters"),
    ("storage-account", {"minimumTlsVersion": "TLS1_0"}, "does not know"),
    ("foundation-logs", {"retentionInDays": 7}, "the cloud takes 30 to 730"),
    ("workspace-vault", {"vaultName": "kv--churn"}, "is not of the form"),
    ("workspace-outbound-host-pypi-org", {"properties": {"type": "FQDN", "destination": "https://pypi.org"}}, "form"),
    ("network-clients", {"addressPrefix": "10.1.0.0/30"}, "is not of the form"),
    (f"access-{azure_stack.GROUP}-reader-workspace", {"principalId": "team@example.com"}, "is not of the form"),
    ("storage-blob-private-endpoint", {"privateEndpointName": "pe" * 33}, "has 66 characters"),
]


@pytest.mark.parametrize(("name", "change", "message"), WRONG)
def test_what_azure_would_refuse_is_found(
    hardened: azure_stack.Made, name: str, change: dict[str, object], message: str
) -> None:
    one = hardened[name]
    found = [finding.message for finding in facts.findings(RULES[one.type], {**one.properties, **change})]
    assert len(found) == 1
    assert message in found[0]


MISTAKES: list[tuple[str, dict[str, object], str]] = [
    ("storage-account", {"allowSharedKeyAcces": False}, ".allowSharedKeyAcces: is unknown"),
    ("storage-account", {"sku": {}}, ".sku.name: is missing"),
    ("storage-account", {"publicNetworkAccess": "Off"}, ".publicNetworkAccess: 'Off' is none of"),
    ("storage-account", {"allowBlobPublicAccess": "no"}, ".allowBlobPublicAccess: 'no' is not of BooleanType"),
    ("workspace-workspace", {"managedNetwork": {"isolationMode": 3}}, ".managedNetwork.isolationMode: 3 is none of"),
    ("workspace-datastore-data", {"properties": {"datastoreType": "Tape"}}, "'Tape' is none of"),
    ("workspace-vault", {"vaultName": "kv_churn"}, "vaultName: 'kv_churn' does not match"),
    ("network-clients", {"etag": "x"}, ".etag: is read-only"),
]


@pytest.mark.parametrize(("name", "change", "message"), MISTAKES)
def test_the_oracle_finds_each_kind_of_mistake(
    hardened: azure_stack.Made, name: str, change: dict[str, object], message: str
) -> None:
    one = hardened[name]
    found = azure_oracle.problems([replace(one, properties={**one.properties, **change})])
    assert any(message in problem for problem in found), found


def _findings(one: PlannedResource) -> list[str]:
    return [f"{one.name}: {finding.message}" for finding in facts.findings(RULES[one.type], one.properties)]


def _as_planned(one: PlannedResource) -> PlannedResource:
    return replace(one, properties={key: _unknown(value) for key, value in one.properties.items()})


def _unknown(value: object) -> object:
    if isinstance(value, str) and "<" in value:
        return Unknown(of=(value,))
    if isinstance(value, dict):
        return {key: _unknown(one) for key, one in cast("dict[str, object]", value).items()}
    return [_unknown(one) for one in cast("list[object]", value)] if isinstance(value, list) else value
