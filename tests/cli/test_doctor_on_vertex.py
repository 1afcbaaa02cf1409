"""``groundplan doctor --environment`` at Google Cloud: sign-in, project, services, permissions, quota."""

from __future__ import annotations

import socket
from collections.abc import Generator
from pathlib import Path

import pytest

import doctor_kit
from doctor_kit import SERVING, Project, doctor


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with doctor_kit.project("vertex", tmp_path_factory.mktemp("doctor")) as project:
        yield project


@pytest.fixture
def google(project: Project) -> Project:
    project.reset()
    return project


def test_what_is_wrong_ends_with_1_and_says_what_to_type(google: Project) -> None:
    google.google.account.disabled = {"serviceusage.googleapis.com"}

    found = doctor(google, code=1)

    fix = "gcloud services enable serviceusage.googleapis.com --project=acme-churn"
    assert [(one["code"], one["hint"]) for one in found["errors"]] == [("DOCTOR_CLOUD_SERVICES", fix)]
    assert found["next"] == ["groundplan doctor -e dev"]


def test_a_sign_in_that_has_expired_is_told_apart_from_a_right_that_is_lacking(google: Project) -> None:
    subject = Path(google.root.parent / "subject.txt")
    kept = subject.read_text(encoding="utf-8")
    subject.write_text("of yesterday", encoding="utf-8")
    try:
        answers = google.ask()
    finally:
        subject.write_text(kept, encoding="utf-8")

    assert answers["cloud.login"].state == "bad"
    assert answers["cloud.login"].fix == "gcloud auth application-default login --project acme-churn"
    assert answers["cloud.roles.up"].fix == "See cloud.login."


def test_a_project_that_is_being_deleted_is_wrong(google: Project) -> None:
    google.google.account.state = "DELETE_REQUESTED"

    found = google.ask()["cloud.account"]

    assert (found.state, found.found) == ("bad", "acme-churn is DELETE_REQUESTED")


def test_a_project_that_may_be_there_or_not_is_unknown(google: Project) -> None:
    google.google.account.gone = {"acme-churn"}

    found = google.ask()["cloud.account"]

    assert (found.state, found.fix) == ("unknown", "Ask for roles/browser on projects/acme-churn.")


def test_services_that_up_switches_on_are_told_of_and_do_not_block(google: Project) -> None:
    google.google.account.disabled = {"aiplatform.googleapis.com"}

    found = google.ask()["cloud.services"]

    assert (found.state, found.found) == (
        "warn", "not switched on: aiplatform.googleapis.com; up switches them on",
    )  # fmt: skip


def test_what_google_does_not_grant_is_named_with_its_place(google: Project) -> None:
    google.google.account.denied = {"storage.buckets.create", "iam.serviceAccounts.actAs", "iam.roles.create"}

    answers = google.ask()

    up, models = answers["cloud.roles.up"], answers["cloud.roles.models"]
    assert (up.state, up.found) == ("bad", "lacking for up: storage.buckets.create")
    assert up.fix == "gcloud projects add-iam-policy-binding acme-churn --member=WHO --role=roles/storage.admin"
    assert up.evidence == (
        "iam.roles.create on projects/acme-churn, for IAMCustomRole",
        "storage.buckets.create on projects/acme-churn, for Bucket",
    )
    given = "gcloud iam service-accounts add-iam-policy-binding"
    account = "churn-dev-endpoint@acme-churn.iam.gserviceaccount.com"
    assert (models.state, models.fix) == (
        "warn",
        f"{given} {account} --member=WHO --role=roles/iam.serviceAccountUser",
    )


def test_of_what_is_not_there_yet_the_project_is_asked(google: Project) -> None:
    google.google.account.gone = {one.scope for one in google.planned.works if one.scope.startswith("gs://")}
    google.google.account.denied = {"storage.objects.create"}

    found = google.ask()["cloud.roles.models"]

    assert found.evidence[0].startswith("storage.objects.create on projects/acme-churn")


def test_a_permission_that_a_place_does_not_know_is_undecided_and_the_others_are_not(google: Project) -> None:
    google.google.account.strange = {"aiplatform.endpoints.create"}

    found = google.ask()["cloud.roles.up"]

    assert (found.state, found.fix) == ("unknown", "gcloud projects get-iam-policy acme-churn")
    assert found.evidence == (
        "aiplatform.endpoints.create on projects/acme-churn, for AiEndpoint: the cloud does not say it there",
    )


def test_what_may_be_given_on_an_endpoint_itself_is_undecided(google: Project) -> None:
    google.google.account.denied = {"aiplatform.endpoints.predict"}

    found = google.ask()["cloud.roles.models"]

    assert found.state == "unknown"
    why = "it may be given on an endpoint itself, which cannot be asked"
    assert found.evidence == (f"aiplatform.endpoints.predict on projects/acme-churn, for predict: {why}",)


def test_googles_quota_is_the_regions_own_before_the_general_one(google: Project) -> None:
    google.google.account.metrics["custom_model_serving_cpus", SERVING]["europe-west4"] = 7

    found = google.ask()["cloud.quota"]

    assert (found.state, found.found) == ("bad", f"{SERVING} in europe-west4: 8 vCPU needed, 7 allowed")
    assert found.fix.startswith("https://console.cloud.google.com/iam-admin/quotas?project=acme-churn")


def test_a_server_that_is_not_there_is_unknown(google: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("CLOUDRESOURCEMANAGER", "SERVICEUSAGE"):
            address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            monkeypatch.setenv(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}", address)
        answers = google.ask("cloud.endpoints")

    assert {id.removeprefix("cloud."): one.state for id, one in answers.items()} == {
        "login": "ok", "account": "unknown", "services": "unknown", "roles.up": "unknown", "roles.models": "unknown",
        "quota": "unknown",
    }  # fmt: skip
