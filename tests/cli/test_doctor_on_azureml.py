"""``groundplan doctor --environment`` at Azure: sign-in, subscription, resource providers, permissions, quota."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError
from groundplan.lifecycle.azureml.account import AzureAccount
from groundplan.lifecycle.contract.account import Asked

import doctor_kit
from doctor_kit import GROUP, OBJECT, SUBSCRIPTION, TENANT, Project, doctor
from stand_in.services.subscription import OWNER
from terminal import call


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with doctor_kit.project("azureml", tmp_path_factory.mktemp("doctor")) as project:
        yield project


@pytest.fixture
def azure(project: Project) -> Project:
    project.reset()
    return project


def test_checks_that_need_no_plan_make_none(azure: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("planned")

    monkeypatch.setattr("groundplan.stacks.needs.needs", refused)

    planned = ("services", "roles.up", "roles.shared", "roles.destroy", "reservations", "quota")
    found = doctor(azure, *(word for one in planned for word in ("--skip", f"cloud.{one}")))

    assert [one["id"] for one in found["data"]["checks"]][-3:] == [
        "cloud.roles.models", "cloud.state", "cloud.endpoints.churn",
    ]  # fmt: skip


def test_an_endpoint_that_is_not_there_cannot_be_skipped(azure: Project) -> None:
    done = call("doctor", "-e", "dev", "--skip", "cloud.endpoints.chrun", cwd=azure.root)

    assert (done.returncode, "there is no endpoint 'chrun'" in done.stderr, "churn" in done.stderr) == (2, True, True)


@pytest.mark.parametrize("name", ["prdo", "shard"])
def test_an_environment_that_is_not_there_is_told(azure: Project, name: str) -> None:
    done = call("doctor", "-e", name, cwd=azure.root)

    assert (done.returncode, f"there is no environment '{name}'" in done.stderr) == (6, True)


def test_the_shared_stack_has_neither_endpoints_nor_models(azure: Project) -> None:
    done = call("doctor", "-e", "shared", "--format", "json", cwd=azure.root)

    checks = {one["id"]: one for one in json.loads(done.stdout)["data"]["checks"]}
    assert checks["cloud.roles.models"]["found"] == "no models live in the shared stack"
    assert [id for id in checks if id.startswith("cloud.endpoints")] == []
    assert checks["cloud.roles.up"]["state"] == "ok"
    assert checks["cloud.roles.shared"]["found"] == "this is the shared stack itself: see cloud.roles.up"


def test_with_a_broken_config_no_cloud_is_asked(azure: Project, tmp_path: Path) -> None:
    text = (azure.root / "groundplan.yaml").read_text(encoding="utf-8")
    (tmp_path / "groundplan.yaml").write_text(f"{text}regoin: here\n", encoding="utf-8")

    done = call("doctor", "-e", "dev", "--format", "json", cwd=tmp_path)

    bad = [one["id"] for one in json.loads(done.stdout)["data"]["checks"] if one["state"] == "bad"]
    assert (done.returncode, bad, azure.service.requests) == (1, ["config"], [])


def test_without_a_plan_the_checks_of_the_plan_are_unknown(azure: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise GroundplanError("the cloud would refuse it")

    monkeypatch.setattr("groundplan.stacks.needs.needs", refused)

    found = {one["id"]: one for one in doctor(azure)["data"]["checks"]}

    why = ("unknown", "there is no plan: the cloud would refuse it", "groundplan plan -e dev")
    for id in ("cloud.services", "cloud.roles.up", "cloud.quota"):
        assert (found[id]["state"], found[id]["found"], found[id]["fix"]) == why


def test_who_is_signed_in_is_said(azure: Project) -> None:
    assert azure.ask()["cloud.login"].found == f"signed in as ada@example.com in tenant {TENANT}"


def test_a_sign_in_in_another_tenant_is_wrong(azure: Project) -> None:
    azure.azure.token = doctor_kit.token(tid="00000000-0000-4000-8000-0000000000bb")

    found = azure.ask()["cloud.login"]

    assert (found.state, found.needed) == ("bad", f"tenant {TENANT}")
    assert found.fix.startswith(f"az login --tenant {TENANT}")


def test_a_token_that_azure_no_longer_takes_is_no_lacking_right(azure: Project) -> None:
    azure.service.strike(status=401, body={"error": {"code": "ExpiredAuthenticationToken", "message": "expired"}},
                         path="/permissions", times=1000)  # fmt: skip

    assert azure.ask()["cloud.roles.up"].fix == "See cloud.login."


def test_a_subscription_that_is_switched_off_is_wrong(azure: Project) -> None:
    azure.azure.subscription.state = "Disabled"

    found = azure.ask()["cloud.account"]

    assert (found.state, found.found) == ("bad", "Machine learning is Disabled")


def test_a_subscription_of_another_tenant_is_wrong(azure: Project) -> None:
    azure.azure.subscription.tenant = "00000000-0000-4000-8000-0000000000bb"

    found = azure.ask()["cloud.account"]

    assert (found.state, "its tenant is 00000000-0000-4000-8000-0000000000bb" in found.found) == ("bad", True)


def test_a_subscription_that_nobody_sees_is_wrong(azure: Project) -> None:
    azure.azure.subscription.gone = True

    answers = azure.ask()

    assert (answers["cloud.account"].state, answers["cloud.roles.up"].state) == ("bad", "unknown")
    assert answers["cloud.account"].fix.startswith("az account list --all")


def test_a_resource_provider_that_is_not_registered_is_wrong(azure: Project) -> None:
    azure.azure.subscription.registered -= {"Microsoft.KeyVault", "Microsoft.Storage"}

    found = azure.ask()["cloud.services"]

    assert (found.state, found.found) == ("bad", "not switched on: Microsoft.KeyVault, Microsoft.Storage")
    command = "az provider register --subscription 00000000-0000-4000-8000-000000000001 --namespace $one"
    assert found.fix == f"for one in Microsoft.KeyVault Microsoft.Storage; do {command}; done"


def test_what_up_lacks_is_named_with_the_roles_that_bring_it(azure: Project) -> None:
    reader = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
    azure.azure.subscription.granted = {SUBSCRIPTION: [reader]}

    found = azure.ask()["cloud.roles.up"]

    assert found.state == "bad"
    assert found.fix == " && ".join(
        f"az role assignment create --assignee {OBJECT} --role '{role}' --scope {SUBSCRIPTION}"
        for role in ("Contributor", "Role Based Access Control Administrator")
    ).replace("'Contributor'", "Contributor")
    assert f"Microsoft.Storage/storageAccounts/write on {SUBSCRIPTION}, for StorageAccount" in found.evidence
    assert [one for one in found.evidence if "/read" in one] == []


def test_rights_on_the_resource_group_are_enough_once_it_is_there(azure: Project) -> None:
    contributor = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"], "dataActions": []}
    assigner = {"actions": ["Microsoft.Authorization/roleAssignments/write", "*/read"], "notActions": []}
    azure.azure.subscription.granted = {GROUP: [contributor, assigner]}

    before = azure.ask()["cloud.roles.up"].state
    azure.azure.subscription.groups = {GROUP}
    after = azure.ask()["cloud.roles.up"]

    assert (before, after.state) == ("bad", "warn")
    assert after.found.startswith("lacking: Microsoft.Authorization/roleDefinitions/write")
    assert "only the first up needs them" in after.found


def test_data_is_asked_for_where_it_lies(azure: Project) -> None:
    azure.azure.subscription.granted = {
        SUBSCRIPTION: [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]
    }

    found = azure.ask()["cloud.roles.models"]

    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    lacking = f"{blobs}/read, {blobs}/write"
    assert (found.state, found.found) == ("warn", f"would be refused: keep records; lacking: {lacking}")
    assert "--role 'Storage Blob Data Contributor'" in found.fix


@pytest.mark.parametrize(("used", "limit", "state"), [(0, 23, "bad"), (0, 24, "ok"), (1, 24, "warn"), (6, 100, "ok")])
def test_azures_quota_is_held_against_the_plan(azure: Project, used: int, limit: int, state: str) -> None:
    azure.azure.subscription.usages["standarddsv2family"] = (used, limit)

    found = azure.ask()["cloud.quota"]

    in_use = "" if state == "bad" else f", {used} in use"
    assert found.state == state
    assert found.found.startswith(f"standardDSv2Family in westeurope: 24 vCPU needed, {limit} allowed{in_use}")


def test_a_page_that_is_said_to_be_elsewhere_is_not_fetched(azure: Project) -> None:
    body = {"value": [OWNER], "nextLink": "https://elsewhere.example/subscriptions"}
    azure.service.strike(status=200, body=body, path="/providers/Microsoft.Authorization/permissions", times=1000)

    assert azure.ask()["cloud.roles.up"].state == "ok"


def test_each_place_is_asked_once_however_much_is_needed_there(azure: Project) -> None:
    account = AzureAccount(f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw", pace=doctor_kit.PACE)

    held = [account.held(one, [Asked(name="A/b/read")]) for one in (GROUP, SUBSCRIPTION, GROUP)]

    assert {one.scope for one in held} == {SUBSCRIPTION}
    assert azure.service.asked("GET", "/providers/Microsoft.Authorization/permissions") == 2


def test_what_destroy_lacks_is_told_and_what_cannot_be_deleted_by_itself_is_not_asked(azure: Project) -> None:
    keeper = {"actions": ["*"], "notActions": ["*/delete"], "dataActions": [], "notDataActions": []}
    azure.azure.subscription.granted = {SUBSCRIPTION: [keeper]}

    answers = azure.ask()

    up, destroy = answers["cloud.roles.up"], answers["cloud.roles.destroy"]
    assert (up.state, destroy.state) == ("ok", "warn")
    assert destroy.found.startswith("lacking for destroy: Microsoft.")
    assert f"Microsoft.Storage/storageAccounts/delete on {SUBSCRIPTION}, for StorageAccount" in destroy.evidence
    assert [one for one in destroy.evidence if "/blobServices/delete" in one] == []


def test_what_the_shared_stack_lacks_is_told_and_does_not_block(azure: Project) -> None:
    everything = {"actions": ["*"], "notActions": [], "dataActions": ["*"], "notDataActions": []}
    reader = {"actions": ["*/read", "Microsoft.Authorization/*"], "notActions": [], "dataActions": []}
    azure.azure.subscription.groups = {GROUP, GROUP.replace("-dev-", "-shared-")}
    azure.azure.subscription.granted = {GROUP: [everything], GROUP.replace("-dev-", "-shared-"): [reader]}

    answers = azure.ask()

    assert (answers["cloud.roles.up"].state, answers["cloud.roles.shared"].state) == ("ok", "warn")
    assert "only an up that makes or changes the shared stack needs them" in answers["cloud.roles.shared"].found
    assert {"-shared-" in one for one in answers["cloud.roles.shared"].evidence} == {True}


def test_conditions_denials_and_policies_are_named_and_make_nothing_right_or_wrong(azure: Project) -> None:
    around = {"scope": SUBSCRIPTION}
    azure.azure.subscription.assigned = {
        "roleAssignments": [
            {"name": "a", "properties": {**around, "principalId": OBJECT, "condition": "(!(ActionMatches{'x'}))"}},
            {"name": "b", "properties": {**around, "principalId": OBJECT}},
            {"name": "c", "properties": {**around, "principalId": "somebody else", "condition": "(true)"}},
        ],
        "denyAssignments": [{"name": "d", "properties": {**around, "denyAssignmentName": "Managed by a stack"}}],
        "policyAssignments": [
            {"name": "e", "properties": {**around, "displayName": "Allowed locations"}},
            {"name": "f", "properties": {**around, "enforcementMode": "DoNotEnforce"}},
            {"name": "g", "properties": {"scope": f"{SUBSCRIPTION}/resourceGroups/another"}},
        ],
    }

    found = azure.ask()["cloud.reservations"]

    assert (found.state, found.found) == ("unknown", "3 that may refuse, and nobody worked out whether they do")
    assert found.evidence == (
        f"a condition on the role assignment a on {SUBSCRIPTION}: (!(ActionMatches{{'x'}}))",
        f"the deny assignment Managed by a stack on {SUBSCRIPTION}",
        f"the policy Allowed locations on {SUBSCRIPTION}",
    )
