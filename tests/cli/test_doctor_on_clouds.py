"""``groundplan doctor --environment``: what both clouds have alike, through the SDKs' real clients over HTTP(S).

What it cannot prove: how the clouds word a refusal beyond their published forms, and that the permissions it holds
against are all that a call takes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from typing import Any

import pytest
from groundplan.cli.diagnosis.cloud import reaching

import doctor_kit
import serving_kit
from doctor_kit import SERVING, Project, doctor
from terminal import call

CHECKS = [
    "login", "account", "services", "roles.up", "roles.shared", "roles.destroy", "roles.models", "reservations",
    "quota", "state", "endpoints.churn",
]  # fmt: skip
WELL = {**dict.fromkeys(CHECKS, "ok"), "endpoints.churn": "unknown"}
"""Before the first up there is no endpoint to reach."""


@pytest.fixture(scope="module", params=serving_kit.PLATFORMS)
def one_project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with doctor_kit.project(request.param, tmp_path_factory.mktemp("doctor")) as project:
        yield project


@pytest.fixture
def project(one_project: Project) -> Project:
    one_project.reset()
    return one_project


def test_where_all_is_well_every_check_says_so(project: Project) -> None:
    assert project.states() == WELL


def test_the_command_shows_the_clouds_checks_below_the_machines(project: Project) -> None:
    found = doctor(project)

    ids = [one["id"] for one in found["data"]["checks"]]
    assert ids[-len(CHECKS) :] == [f"cloud.{one}" for one in CHECKS]
    assert {"signin", "endpoints"} & set(ids) == set()
    assert (found["data"]["environment"], found["next"]) == ("dev", ["groundplan up -e dev"])


def test_without_an_environment_no_cloud_is_asked(project: Project) -> None:
    done = call("doctor", "--format", "json", cwd=project.root)

    assert [one["id"] for one in json.loads(done.stdout)["data"]["checks"] if one["id"].startswith("cloud.")] == []
    assert project.service.requests == []


def test_what_nobody_could_say_blocks_nothing(project: Project) -> None:
    for path in ("/subscriptions/", "/projects/", "/b/"):
        project.service.strike(
            status=403, body={"error": {"code": "Forbidden", "message": "no"}}, path=path, times=1000
        )

    found = doctor(project)

    states = {one["id"].removeprefix("cloud."): one["state"] for one in found["data"]["checks"][-len(CHECKS) :]}
    assert states == {**dict.fromkeys(CHECKS, "unknown"), "login": "ok", "state": "ok"}


def test_a_check_is_skipped_by_its_id_and_an_endpoint_by_its_name(project: Project) -> None:
    found = doctor(project, "--skip", "cloud.quota", "--skip", "cloud.endpoints.churn", "--skip", "uv")

    ids = [one["id"] for one in found["data"]["checks"] if one["id"].startswith("cloud.")]
    assert ids == [f"cloud.{one}" for one in CHECKS if one not in ("quota", "endpoints.churn")]


def test_nothing_is_changed_at_the_cloud(project: Project) -> None:
    before = project.service.store.resources

    project.ask()

    asks = {path.rpartition(":")[2] for method, path in project.service.requests if method != "GET"}
    assert asks <= {"testIamPermissions", "getIamPolicy", "/sts/token"}
    assert project.service.store.resources == before


def test_no_token_and_no_claim_beside_the_name_is_shown(project: Project) -> None:
    project.service.strike(
        status=401, path="/subscriptions/" if project.platform == "azureml" else "/projects/", times=3
    )

    done = call("doctor", "-e", "dev", "--verbose", cwd=project.root)
    shown = done.stdout + done.stderr

    secret = project.azure.token if project.platform == "azureml" else project.google.token
    assert [word in shown for word in (secret, "Bearer", "federated.json", "IDENTITY_HEADER")] == [False] * 4


def test_a_cloud_that_does_not_answer_is_waited_for_once_and_not_for_each_check(project: Project) -> None:
    free = threading.Event()

    def hang(_: object) -> None:
        free.wait(60)

    project.service.meanwhile = hang
    try:
        answers = project.ask("cloud.state", seconds=0.2)
    finally:
        free.set()
        doctor_kit.settle()

    assert {id: (one.state, one.found) for id, one in answers.items()} == {
        f"cloud.{one}": ("unknown", "no answer within 0.2 s") for one in CHECKS if one != "state"
    }


@pytest.mark.parametrize(
    "order",
    [{"status": 429, "headers": {"Retry-After": "0"}}, {"status": 503}, {"kind": "reset"}],
    ids=["throttled", "fault", "reset"],
)
def test_what_passes_is_asked_again(project: Project, order: dict[str, Any]) -> None:
    path = "/subscriptions/" if project.platform == "azureml" else "/projects/"
    project.service.strike(path=path, **order)

    assert project.states() == WELL


@pytest.mark.parametrize("status", [429, 500])
def test_what_does_not_pass_is_unknown(project: Project, status: int) -> None:
    path = "/providers/Microsoft.Authorization" if project.platform == "azureml" else "testIamPermissions"
    project.service.strike(status=status, headers={"Retry-After": "0"}, path=path, times=1000)

    answers = project.ask()

    assert {id: one.state for id, one in answers.items() if id.startswith("cloud.roles")} == dict.fromkeys(
        ["cloud.roles.up", "cloud.roles.shared", "cloud.roles.destroy", "cloud.roles.models"], "unknown"
    )
    assert answers["cloud.quota"].state == "ok"


@pytest.mark.parametrize("content", [b"<html>sign in to the proxy</html>", b"[]"])
def test_an_answer_that_is_not_the_clouds_is_unknown(project: Project, content: bytes) -> None:
    path = "/usages" if project.platform == "azureml" else "consumerQuotaMetrics"
    project.service.strike(status=200, content=content, path=path, times=1000)

    assert project.ask()["cloud.quota"].state == "unknown"


def test_without_a_sign_in_that_alone_is_wrong(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    if project.platform == "azureml":
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    else:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(project.root / "nowhere.json"))

    answers = project.ask()

    assert {id.removeprefix("cloud."): one.state for id, one in answers.items()} == {
        **dict.fromkeys(CHECKS, "unknown"),
        "login": "bad",
        "state": "ok",
    }
    others = [answers[f"cloud.{one}"] for one in CHECKS if one not in ("login", "state", "endpoints.churn")]
    assert {one.fix for one in others} == {"See cloud.login."}


def test_a_quota_that_the_cloud_does_not_tell_of_is_unknown(project: Project) -> None:
    if project.platform == "azureml":
        project.azure.subscription.usages.clear()
    else:
        del project.google.account.metrics["custom_model_serving_cpus", SERVING]

    found = project.ask()["cloud.quota"]

    assert (found.state, "the cloud does not tell of such a quota" in found.found) == ("unknown", True)


def test_an_endpoint_that_answers_is_reached(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    _occupy(project)

    def known(_: str) -> list[str]:
        return ["10.0.0.4"]

    monkeypatch.setattr(reaching, "addresses", known)

    found = project.ask()["cloud.endpoints.churn"]

    assert (found.state, found.found.startswith("answers (HTTP 4"), "10.0.0.4" in found.found) == ("ok", True, True)


def _occupy(project: Project) -> None:
    endpoint = project.planned.endpoints["churn"]
    store = project.service.store
    if project.platform == "vertex":
        dns = f"http://127.0.0.1:{project.service.port}"
        store.occupy(endpoint, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="churn", dedicatedEndpointDns=dns)
        return
    settings: dict[str, Any] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
    workspace = endpoint.partition("/onlineEndpoints")[0]
    store.occupy(workspace, "azure-native:machinelearningservices:Workspace", **settings)
    store.occupy(
        endpoint, "azure-native:machinelearningservices:OnlineEndpoint", **settings, kind="Managed",
        properties={"authMode": "AADToken"},
    )  # fmt: skip
