"""The request logs of clouds read back while something goes wrong: throttling, faults, cuts, rights, tokens, limits.

The services are stand-ins behind real HTTP. Not proved: in which words a real service refuses.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, ResourceFailedError, TimeoutReachedError
from groundplan.lifecycle.contract.request_log import LogRemarks
from groundplan.lifecycle.vertex import big_query

import request_log_kit
from request_log_kit import LogRig
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Request

SINCE, UNTIL = "2026-11-27T10:00:00.000Z", "2026-11-27T11:00:00.000Z"
OF_VERTEX = pytest.mark.parametrize("started", ["vertex"], indirect=True)
FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"status": 503, "after": 1},
        {"kind": "reset"},
        {"kind": "reset", "done": True, "after": 2},
        {"kind": "cut", "done": True},
        {"kind": "cut", "done": True, "after": 2},
    ],
    ids=["throttled", "fault", "unavailable", "reset", "reset later", "cut", "cut later"],
)


@pytest.fixture(scope="module", params=request_log_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[LogRig]:
    with request_log_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: LogRig) -> LogRig:
    started.reset()
    return started


@FAULTS
def test_what_passes_is_asked_again(rig: LogRig, order: dict[str, Any]) -> None:
    rig.serve(1)
    asked = [rig.ask({"age": number}, at=f"2026-11-27T10:0{number}:00+00:00") for number in range(3)]
    rig.logging.deliver()
    rig.strike(**order)

    assert (rig.read(SINCE, UNTIL), rig.started.service.strikes[0].times) == ((asked, LogRemarks()), 0)


@OF_VERTEX
def test_what_comes_too_fast_for_bigquery_is_asked_again(rig: LogRig) -> None:
    rig.serve(1)
    asked = rig.ask({"age": 1}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    message = "Exceeded rate limits: too many api requests per user per method for this user_method"
    error = {"code": 403, "message": message, "errors": [{"reason": "rateLimitExceeded", "message": message}]}
    rig.strike(status=403, body={"error": error}, times=2)

    assert rig.read(SINCE, UNTIL)[0] == [asked]


REFUSALS = {
    "azureml": [
        ({"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}},
         "Ask for Storage Blob Data Reader, on resource group rg-churn-dev; who is Owner"),
    ],
    "vertex": [
        ({"status": 403, "body": {"error": {"code": 403, "message":
          "Access Denied: Project acme-churn: User does not have bigquery.jobs.create permission in the project."}}},
         "Ask for roles/bigquery.jobUser on project acme-churn; who has roles/resourcemanager.projectIamAdmin there"),
        ({"status": 403, "body": {"error": {"code": 403, "message":
          "Access Denied: Table acme-churn:churn_dev_requests.churn: User does not have permission to query table "
          "acme-churn:churn_dev_requests.churn, or perhaps it does not exist."}}},
         "Ask for roles/bigquery.dataViewer on bq://acme-churn.churn_dev_requests; who has roles/bigquery.dataOwner"),
    ],
}  # fmt: skip


def test_who_may_not_read_the_log_is_told_the_role_for_that(rig: LogRig) -> None:
    rig.serve(1)
    rig.ask({"age": 1}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    for refusal, role in REFUSALS[rig.platform]:
        rig.strike(**refusal)
        with pytest.raises(ResourceFailedError) as refused:
            rig.read(SINCE, UNTIL)

        assert refused.value.message.partition(" could not ")[2].startswith("read the request log: ")
        assert refused.value.hint.startswith(role)


def test_a_token_that_expires_while_the_log_is_read_is_renewed(rig: LogRig) -> None:
    rig.serve(1)
    asked = [rig.ask({"age": number}, at=f"2026-11-27T10:0{number}:00+00:00") for number in range(3)]
    rig.logging.deliver()
    service = rig.started.service
    assert isinstance(service, AzureMLService | VertexService)
    service.requests.clear()
    tokens: list[str] = []

    def expire(request: Request) -> None:
        # Azure's library asks for another token when the one it has is about to expire, Google's when it is refused.
        asks = request.path == "/token" if isinstance(service, AzureMLService) else len(rig.reading) == 2
        if asks and rig.reading:
            service.token = f"token after {len(service.requests)} requests"
            tokens.append(service.token)

    service.meanwhile = expire
    if isinstance(service, AzureMLService):
        service.token_seconds = 1
    try:
        assert (rig.read(SINCE, UNTIL), bool(tokens)) == ((asked, LogRemarks()), True)
    finally:
        service.token, service.meanwhile = "first", None
        if isinstance(service, AzureMLService):
            service.token_seconds = 3600


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: LogRig) -> None:
    rig.serve(1)
    rig.ask({"age": 1}, at="2026-11-27T10:05:00+00:00")
    rig.logging.deliver()
    refusal = {"headers": {"x-ms-error-code": "AuthenticationFailed"}} if rig.platform == "azureml" else {}
    rig.strike(status=401, body={"error": {"code": 401, "message": "token expired"}}, times=9, **refusal)

    with pytest.raises(AuthenticationError):
        rig.read(SINCE, UNTIL)


@OF_VERTEX
def test_a_question_that_never_ends_stops_at_its_limit(rig: LogRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_query, "LIMIT_SECONDS", 0.2)
    assert isinstance(rig.started.service, VertexService)
    rig.started.service.bigquery.looks = 10**9
    rig.started.service.bigquery.put(request_log_kit.TABLE, "e", "1", 0, 1, "[]", "[]")

    with pytest.raises(TimeoutReachedError, match="read the request log did not end before the time limit"):
        rig.read(SINCE, UNTIL)
