"""``groundplan doctor --environment`` at Google Cloud: sign-in, project, services, permissions, quota."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.lifecycle.contract.account import Asked, Held, Quota
from groundplan.lifecycle.vertex.account import GoogleAccount
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.needs import needs

import doctor_kit
from doctor_kit import SERVING, Project, doctor

CONFIGS = Path(__file__).parents[1] / "stacks" / "configs"


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


@pytest.mark.parametrize(("used", "state"), [(34, "ok"), (35, "warn")])
def test_what_is_in_use_of_vertex_ais_quota_is_cloud_monitorings_newest_figure(
    google: Project, used: int, state: str
) -> None:
    google.google.telemetry.in_use = {
        ("custom_model_serving_cpus", "europe-west4"): used, ("custom_model_serving_cpus", "us-east1"): 1000,
    }  # fmt: skip

    found = google.ask()["cloud.quota"]

    shown = f"{SERVING} in europe-west4: 8 vCPU needed, 42 allowed, {used} in use"
    assert found.state == state
    assert [one.removesuffix(", perhaps by these machines themselves") for one in found.evidence if SERVING in one] == [
        shown
    ]


def test_where_cloud_monitoring_may_not_be_asked_the_limit_is_told_alone(google: Project) -> None:
    google.google.telemetry.in_use = {("custom_model_serving_cpus", "europe-west4"): 40}
    google.service.strike(status=403, path="/timeSeries", times=1000)

    found = google.ask()["cloud.quota"]

    assert (found.state, "how much of it is in use is not told there" in found.found) == ("ok", True)


def test_a_server_that_is_not_there_is_unknown(google: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for name in ("CLOUDRESOURCEMANAGER", "SERVICEUSAGE"):
            address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            monkeypatch.setenv(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}", address)
        answers = google.ask("cloud.endpoints")

    assert {id.removeprefix("cloud."): one.state for id, one in answers.items()} == {
        "login": "ok", "account": "unknown", "services": "unknown", "roles.up": "unknown", "roles.shared": "unknown",
        "roles.destroy": "unknown", "roles.models": "unknown", "reservations": "unknown", "quota": "unknown",
        "state": "ok",
    }  # fmt: skip


def test_a_billing_account_and_an_access_policy_are_asked_themselves(google: Project) -> None:
    google.google.account.denied = {"billing.budgets.create"}
    account = GoogleAccount("acme-churn", pace=doctor_kit.PACE)

    budget = account.held(
        "billingAccounts/0A0A0A-1B1B1B-2C2C2C", asked("billing.budgets.create", "billing.budgets.get")
    )
    policy = account.held("accessPolicies/555", asked("accesscontextmanager.servicePerimeters.create"))

    assert budget == Held(scope="billingAccounts/0A0A0A-1B1B1B-2C2C2C", lacking=("billing.budgets.create",))
    assert policy == Held(scope="accessPolicies/555")
    asks = [path for method, path in google.service.requests if method == "POST" and path != "/sts/token"]
    assert asks == [
        "/v1/billingAccounts/0A0A0A-1B1B1B-2C2C2C:testIamPermissions", "/v1/accessPolicies/555:testIamPermissions",
    ]  # fmt: skip


def test_what_a_project_can_never_know_is_undecided_there(google: Project) -> None:
    google.google.account.gone = {"billingAccounts/1"}

    found = GoogleAccount("acme-churn", pace=doctor_kit.PACE).held("billingAccounts/1", asked("billing.budgets.create"))

    assert found == Held(scope="projects/acme-churn", undecided=("billing.budgets.create",))


def test_more_permissions_than_may_be_asked_at_once_are_asked_in_turn(google: Project) -> None:
    google.google.account.denied, google.google.account.strange = {"storage.objects.n7"}, {"storage.objects.n120"}
    names = [f"storage.objects.n{number}" for number in range(250)]

    found = GoogleAccount("acme-churn", pace=doctor_kit.PACE).held("projects/acme-churn", asked(*names))

    assert (found.lacking, found.undecided) == (("storage.objects.n7",), ("storage.objects.n120",))
    assert google.service.asked("POST", ":testIamPermissions") == 4


def test_compute_engines_quota_is_the_regions_with_what_is_in_use(google: Project) -> None:
    google.google.account.compute = {"N2_CPUS": (24.0, 7.0), "CPUS": (8.0, 8.0)}

    found = GoogleAccount("acme-churn", pace=doctor_kit.PACE).quotas("europe-west4", ["Compute Engine N2 CPUs"])

    assert found == {"Compute Engine N2 CPUs": Quota(limit=24, used=7)}
    assert [path for method, path in google.service.requests if method == "GET"] == [
        "/compute/v1/projects/acme-churn/regions/europe-west4"
    ]


def test_a_service_that_is_switched_off_says_how_it_is_switched_on(google: Project) -> None:
    message = (
        "Cloud Resource Manager API has not been used in project 123456789012 before or it is disabled. Enable it by "
        "visiting https://console.developers.google.com/apis/api/cloudresourcemanager.googleapis.com/overview"
    )
    body = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": message}}
    google.service.strike(status=403, body=body, path="/v3/projects/acme-churn", times=1000)

    answers = google.ask()

    command = "gcloud services enable cloudresourcemanager.googleapis.com --project=acme-churn"
    assert [(answers[f"cloud.{one}"].state, answers[f"cloud.{one}"].fix) for one in ("account", "roles.up")] == [
        ("unknown", command),
        ("unknown", command),
    ]


def test_a_hardened_environment_is_asked_about_in_every_place_that_it_needs(google: Project, tmp_path: Path) -> None:
    shutil.copy(CONFIGS / "vertex-hardened.yaml", tmp_path / "groundplan.yaml")
    google.google.account.denied = {"accesscontextmanager.servicePerimeters.create"}
    hardened = replace(google, planned=replace(google.planned, needs=needs(read_stacks(tmp_path), "prod")))

    found = hardened.ask("cloud.endpoints", "cloud.quota")["cloud.roles.up"]

    asks = {path.rpartition(":")[0] for _, path in google.service.requests if path.endswith(":testIamPermissions")}
    assert {
        "/v1/accessPolicies/555666777", "/v1/billingAccounts/0A0A0A-1B1B1B-2C2C2C", "/v3/projects/acme-churn",
        "/v3/projects/acme-churn-prod",
    } <= asks  # fmt: skip
    command = "gcloud access-context-manager policies add-iam-policy-binding 555666777 --member=WHO"
    assert found.state == "warn"
    assert found.fix.endswith(f"gives them: {command} --role=roles/accesscontextmanager.policyEditor")


def test_what_destroy_lacks_at_google_is_told_with_its_role(google: Project) -> None:
    google.google.account.denied = {"storage.buckets.delete"}

    answers = google.ask()

    found = answers["cloud.roles.destroy"]
    assert (answers["cloud.roles.up"].state, found.state) == ("ok", "warn")
    assert found.found == "lacking for destroy: storage.buckets.delete"
    assert found.fix == "gcloud projects add-iam-policy-binding acme-churn --member=WHO --role=roles/storage.admin"


def test_conditions_on_roles_of_a_project_are_named(google: Project) -> None:
    condition = {"title": "until summer", "expression": 'request.time < timestamp("2027-06-01T00:00:00Z")'}
    google.google.account.bindings = [
        {"role": "roles/editor", "members": ["group:ml@example.com"], "condition": condition},
        {"role": "roles/viewer", "members": ["user:ada@example.com"]},
    ]

    found = google.ask()["cloud.reservations"]

    assert (found.state, found.evidence) == (
        "unknown", ("a condition on roles/editor on projects/acme-churn: until summer",),
    )  # fmt: skip


def test_the_bucket_of_the_state_is_asked_about_itself(google: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "gs://acme-state/churn")

    well = google.ask()["cloud.state"]
    google.google.account.denied = {"storage.objects.create"}
    lacking = google.ask()["cloud.state"]
    google.google.account.gone = {"gs://acme-state"}
    gone = google.ask()["cloud.state"]

    assert (well.state, well.found) == ("ok", "gs://acme-state is there, and you may read and write its objects")
    assert (lacking.state, lacking.found) == ("bad", "lacking: storage.objects.create")
    assert lacking.fix.startswith("gcloud storage buckets add-iam-policy-binding gs://acme-state")
    assert (gone.state, gone.found) == ("bad", "there is no bucket gs://acme-state, or you may not see it")


def asked(*names: str) -> list[Asked]:
    return [Asked(name=one) for one in names]
