"""What a stack needs of its cloud: every type that a plan makes is known, and CI's roles bring what it needs.

Not proved: that a permission is enough for a call; Azure's roles are held against their published definitions where
those are at hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle.azureml.needs import NEEDS as OF_AZURE
from groundplan.lifecycle.azureml.permissions import lacking
from groundplan.lifecycle.contract.account import Asked
from groundplan.lifecycle.contract.need import Need
from groundplan.lifecycle.vertex.needs import NEEDS as OF_GOOGLE
from groundplan.modules.azureml import needs as azure
from groundplan.modules.contract.needs import Permission
from groundplan.modules.vertex.permissions import MAKING
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.needs import needs, works

import cloud_configs

GOLDENS = Path(__file__).parent / "goldens"
ROLES = Path(__file__).parents[3] / "shared" / "specs" / "roles_azure.json"
CONFIG = "models: {churn: {}}\nendpoints: {churn: {model: churn}}\n"
WATCHED = f"""{CONFIG.replace("model: churn}", "model: churn, log_sample: 1}")}
monitoring: {{enabled: true, managed: true, alerts: [team@example.com]}}
"""
FEATURES = "features: {online: true, sets: {customers: {source: main, entity: customer, keys: [id]}}}\n"
ENVIRONMENT = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-churn-dev-westeurope"
SHARED = ENVIRONMENT.replace("-dev-", "-shared-")


def planned(platform: str) -> list[str]:
    """Every type of a resource that the golden plans of a platform have."""
    text = "".join(path.read_text(encoding="utf-8") for path in GOLDENS.glob(f"{platform}-*.yaml"))
    return sorted(set(re.findall(r"resource: ((?:azure-native|gcp):[\w/]+:\w+)", text)))


def test_every_type_that_is_planned_is_known() -> None:
    kinds = {type: azure.kind(type) for type in planned("azureml")}

    assert [type for type, kind in kinds.items() if not re.fullmatch(r"Microsoft\.\w+(/\w+)+", kind)] == []
    assert [type for type in planned("vertex") if not MAKING[type].permissions] == []
    assert (len(kinds) > 30, len(planned("vertex")) > 30) == (True, True)


@pytest.mark.parametrize(("platform", "asked"), [("azureml", OF_AZURE), ("vertex", OF_GOOGLE)])
def test_everything_that_the_lifecycle_asks_has_a_place_and_a_role(
    tmp_path: Path, platform: str, asked: tuple[Need, ...]
) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        cloud_configs.FIRST_LINES[platform] + WATCHED + FEATURES, encoding="utf-8"
    )

    found = works(read_stacks(tmp_path), "dev", asked)

    assert len(found) == sum(len(one.permissions) + len(one.data) for one in asked)
    assert [one.name for one in found if not (one.scope and one.role)] == []


def test_what_the_clouds_own_monitors_take_is_asked_for_only_where_they_watch(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.FIRST_LINES["vertex"] + CONFIG, encoding="utf-8")

    found = works(read_stacks(tmp_path), "dev", OF_GOOGLE)

    assert len(found) == sum(len(one.permissions) for one in OF_GOOGLE if not one.section)
    assert [one for one in found if ".modelMonitors." in one.name] == []


@pytest.mark.parametrize(("platform", "asked"), [("azureml", OF_AZURE), ("vertex", OF_GOOGLE)])
def test_who_has_no_features_is_not_asked_for_the_right_to_read_them(
    tmp_path: Path, platform: str, asked: tuple[Need, ...]
) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.FIRST_LINES[platform] + CONFIG, encoding="utf-8")

    found = works(read_stacks(tmp_path), "dev", asked)

    assert [one.purpose for one in found if "features" in one.purpose] == []


def test_what_lies_in_no_known_place_is_asked_on_what_is_around_it(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + CONFIG, encoding="utf-8")

    found = works(read_stacks(tmp_path), "dev", (Need(work="something new", on="the moon", permissions=("A/b/read",)),))

    assert [(one.scope, one.role) for one in found] == [(ENVIRONMENT, "Contributor")]


def test_what_an_environment_at_azure_needs_is_asked_on_its_group_and_on_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + CONFIG, encoding="utf-8")
    found = needs(read_stacks(tmp_path), "dev").needs

    assert {one.scope for one in found.permissions} == {ENVIRONMENT, SHARED}
    assert {one.name for one in found.permissions if one.scope == SHARED} == {
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleDefinitions/read",
        "Microsoft.Authorization/roleDefinitions/write",
    }
    assert {one.purpose for one in found.permissions if one.rare} == {"RoleDefinition", "RoleAssignment"}
    assert "Microsoft.MachineLearningServices" in found.services


@pytest.mark.parametrize("stack", ["shared", "dev"])
def test_what_ci_does_without_at_azure_is_what_an_owner_does_first(tmp_path: Path, stack: str) -> None:
    if not ROLES.exists():
        pytest.skip("the permissions of Azure's built-in roles do not lie beside the project")
    published: dict[str, Any] = json.loads(ROLES.read_text(encoding="utf-8"))
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + CONFIG, encoding="utf-8")
    roles = ("Contributor", "Role Based Access Control Administrator")
    held = [one for role in roles for one in published[role]["permissions"]]

    permissions = needs(read_stacks(tmp_path), stack).needs.permissions

    assert lacking([_asked(one) for one in permissions if not one.rare], held) == ()


def test_the_roles_that_are_suggested_at_azure_bring_what_is_lacking(tmp_path: Path) -> None:
    if not ROLES.exists():
        pytest.skip("the permissions of Azure's built-in roles do not lie beside the project")
    published: dict[str, Any] = json.loads(ROLES.read_text(encoding="utf-8"))
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + CONFIG, encoding="utf-8")
    configs = read_stacks(tmp_path)

    needed = [*needs(configs, "dev").needs.permissions, *works(configs, "dev", OF_AZURE)]

    own = {one.role for one in needed if one.role not in published}
    assert {one.partition(" (")[0] for one in own} == {"Endpoint Invoker", "Endpoint Scaler"}
    assert [
        (one.name, one.role)
        for one in needed
        if one.role in published and lacking([_asked(one)], published[one.role]["permissions"])
    ] == []


def test_what_models_need_is_asked_where_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.GOOGLE + CONFIG, encoding="utf-8")
    words = ("project", "artifacts", "data", "endpoint account", "pipeline account", "endpoint", "requests")
    asked = tuple(Need(work="work", on=one, permissions=("storage.objects.get",)) for one in words)

    found = works(read_stacks(tmp_path), "dev", asked)

    accounts = "projects/acme-churn/serviceAccounts/churn-dev-{}@acme-churn.iam.gserviceaccount.com"
    assert [re.sub(r"-[0-9a-f]{8}$", "", one.scope) for one in found] == [
        "projects/acme-churn", "gs://churn-dev-artifacts", "gs://churn-dev-data", accounts.format("endpoint"),
        accounts.format("pipeline"), "projects/acme-churn", "projects/acme-churn",
    ]  # fmt: skip
    assert [one.hidden for one in found] == [*[""] * 5, "an endpoint itself", "the dataset of requests itself"]


def test_without_a_shared_registry_none_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + CONFIG + "registry: {shared: false}\n")

    found = works(read_stacks(tmp_path), "dev", OF_AZURE)

    assert [one.name for one in found if "/registries/" in one.scope] == []


def test_googles_services_that_switch_others_on_come_first(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.GOOGLE + CONFIG, encoding="utf-8")

    found = needs(read_stacks(tmp_path), "dev").needs

    assert found.services == ("cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com")
    assert set(found.services) & set(found.switched_on) == set()


def _asked(one: Permission) -> Asked:
    return Asked(name=one.name, data=one.data)
