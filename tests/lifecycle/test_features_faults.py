"""Features read from clouds while something goes wrong: throttling, faults, cuts, tokens, rights, limits.

The services are stand-ins behind real HTTP. Not proved: in which words a real service refuses.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, ResourceFailedError, TimeoutReachedError
from groundplan.lifecycle.contract.features import FeatureSet
from groundplan.lifecycle.features.newest import newest
from groundplan.lifecycle.features.retrieving import retrieve
from groundplan.lifecycle.vertex import big_query

import cloud_faults
import features_on_clouds
from cloud_faults import PASSING, EachOnce
from features_on_clouds import DATASET, STORE, FeaturesRig, Row, observed

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ROWS: list[Row] = [
    {"customer": f"c{number}", "seen_at": datetime(2026, 1, 1, tzinfo=UTC), "plan": "basic", "visits": number}
    for number in range(20)
]
SEEN = observed(*((f"c{number}", "2026-06-01T00:00:00+00:00") for number in range(15)))


@pytest.fixture(scope="module", params=features_on_clouds.CLOUDS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[FeaturesRig]:
    folder = tmp_path_factory.mktemp(request.param)
    with features_on_clouds.rig(request.param, folder) as made, cloud_faults.at_once():
        yield made


@pytest.fixture
def rig(started: FeaturesRig) -> FeaturesRig:
    started.reset()
    return started


ON_VERTEX = pytest.mark.parametrize("started", ["vertex"], indirect=True)


def put(rig: FeaturesRig) -> FeatureSet:
    one = rig.put("customers", ROWS, features=("plan", "visits"), online=True)
    rig.pages = 4
    return one


def read(rig: FeaturesRig, one: FeatureSet) -> object:
    """What both ways of reading give."""
    found = newest(rig.features(), one, [("c3",), ("nobody",)], now=NOW, offline=False)
    joined = retrieve(rig.features(), [one], SEEN, time="when")
    return found, [list(row) for row in joined.rows], joined.joined[0].unmatched


def test_whatever_fails_once_is_asked_again(rig: FeaturesRig) -> None:
    one = put(rig)
    wanted = read(rig, one)

    for kind, order in PASSING.items():
        strike = EachOnce(**order)
        rig.service.strikes[:] = [strike]
        assert (kind, read(rig, one)) == (kind, wanted)
        assert len(strike.met) >= {"azureml": 3, "vertex": 7}[rig.platform]
    gc.collect()  # what the SDKs left open of answers that broke off goes now, not under another test


def test_tokens_that_expire_on_the_way_are_replaced(rig: FeaturesRig) -> None:
    one = put(rig)
    wanted = read(rig, one)
    cloud_faults.short_lived(rig.service)
    cloud_faults.expiring(rig.service)
    try:
        assert (read(rig, one), cloud_faults.token(rig.service) != "first") == (wanted, True)
    finally:
        cloud_faults.lasting(rig.service)


def denied(text: str) -> dict[str, Any]:
    return {"status": 403, "body": {"error": {"code": 403, "message": text, "status": "PERMISSION_DENIED"}}}


MISMATCH = {"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}
REFUSALS: dict[str, list[tuple[dict[str, Any], str]]] = {
    "azureml": [
        ({"path": "/datastores/data", "status": 403,
          "body": {"error": {"code": "AuthorizationFailed", "message": "no authorization"}}},
         "Ask for AzureML Data Scientist, or groundplan's own role MLOps Deployer, on resource group rg-churn-dev"),
        ({"path": "/data", "after": 1, **MISMATCH},
         "Ask for Storage Blob Data Reader, on resource group rg-churn-dev; who is Owner"),
    ],
    "vertex": [
        ({"path": "/tables/", **denied("Access Denied: Table acme-churn:churn_dev_features.customers: Permission "
          "bigquery.tables.get denied on table acme-churn:churn_dev_features.customers")},
         f"Ask for roles/bigquery.dataViewer on bq://{DATASET}; who has roles/bigquery.dataOwner there"),
        ({"path": "/jobs", **denied("Access Denied: Project acme-churn: User does not have bigquery.jobs.create "
          "permission in the project.")},
         "Ask for roles/bigquery.jobUser on project acme-churn; who has roles/resourcemanager.projectIamAdmin there"),
    ],
}  # fmt: skip


def test_who_may_not_read_is_told_the_role_for_that(rig: FeaturesRig) -> None:
    one = put(rig)
    for order, hint in REFUSALS[rig.platform]:
        rig.service.strikes.clear()
        rig.service.strike(**order)
        with pytest.raises(ResourceFailedError) as refused:
            retrieve(rig.features(), [one], SEEN, time="when")

        assert refused.value.hint[: len(hint)] == hint


@ON_VERTEX
@pytest.mark.parametrize("path", [f"/v1/{STORE}", ":fetchFeatureValues", "/featureViewSyncs"])
def test_who_may_not_read_a_view_is_told_the_role_for_that(rig: FeaturesRig, path: str) -> None:
    one = put(rig)
    rig.service.strike(path=path, **denied("Permission denied on resource (or it may not exist)."))

    with pytest.raises(ResourceFailedError) as refused:
        newest(rig.features(), one, [("nobody",)], now=NOW, offline=False)

    hint = "Ask for roles/aiplatform.featurestoreDataViewer on project acme-churn; who has "
    assert refused.value.hint == f"{hint}roles/resourcemanager.projectIamAdmin there can grant it."


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: FeaturesRig) -> None:
    one = put(rig)
    refusal = {"headers": {"x-ms-error-code": "AuthenticationFailed"}} if rig.platform == "azureml" else {}
    path = "/data/" if rig.platform == "azureml" else "/bigquery/"
    rig.service.strike(status=401, path=path, body={"error": {"code": 401, "message": "expired"}}, times=9, **refusal)

    with pytest.raises(AuthenticationError):
        retrieve(rig.features(), [one], SEEN, time="when")


def test_a_fault_that_lasts_ends_as_a_failure_of_the_cloud(rig: FeaturesRig) -> None:
    one = put(rig)
    rig.service.strike(status=500, path="/data" if rig.platform == "azureml" else "/bigquery/", times=99)

    with pytest.raises(ResourceFailedError, match=r"could not (read features|find data)"):
        retrieve(rig.features(), [one], SEEN, time="when")


@ON_VERTEX
def test_a_question_that_never_ends_stops_at_its_limit(rig: FeaturesRig, monkeypatch: pytest.MonkeyPatch) -> None:
    one = put(rig)
    monkeypatch.setattr(big_query, "LIMIT_SECONDS", 0.5)
    rig.vertex.bigquery.looks = 10**9

    with pytest.raises(TimeoutReachedError, match="read features did not end before the time limit"):
        retrieve(rig.features(), [one], SEEN, time="when")
