"""Vertex AI's own model monitoring while something goes wrong: faults, kills, rights, tokens, limits, late failures.

The service is a stand-in behind real HTTP. Not proved: in which words the real one refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, GroundplanError, ResourceFailedError, TimeoutReachedError
from groundplan.lifecycle.vertex import managed_monitors
from groundplan.lifecycle.vertex.managed_monitors import VertexManagedMonitors

import vertex_monitors_kit
from stand_in.services.http import Request
from vertex_kit import FAULTS
from vertex_monitors_kit import HOUR, TITLE, MonitorRig

Content = tuple[list[str], list[str]]

DONE: Content = (["churn--churn-v1"], [TITLE])
NOTHING: Content = ([], [])


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[MonitorRig]:
    with vertex_monitors_kit.rig(tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: MonitorRig) -> MonitorRig:
    started.reset()
    return started


def everything(rig: MonitorRig) -> tuple[int, tuple[int, ...]]:
    """Made, read and removed: how many checks there were, and what was removed."""
    rig.adapter.ensure(rig.watch())
    rig.ask()
    rig.run()
    found = rig.adapter.findings(rig.watch(), HOUR)
    return len(found.checks), rig.adapter.remove(rig.log.endpoint, ())


@FAULTS
def test_what_passes_is_asked_again(rig: MonitorRig, order: dict[str, Any]) -> None:
    rig.service.strike(**{"path": "/v1beta1/", **order})

    assert (everything(rig), rig.content(), rig.service.strikes[0].times) == ((4, (1,)), ([], []), 0)


@pytest.mark.parametrize("lost", [False, True], ids=["before", "after"])
def test_a_kill_at_any_request_leaves_what_the_next_command_finishes(rig: MonitorRig, *, lost: bool) -> None:
    def ensure(adapter: VertexManagedMonitors) -> None:
        adapter.ensure(rig.watch(plan={"threshold": 0.1}))

    def remove(adapter: VertexManagedMonitors) -> None:
        adapter.remove(rig.log.endpoint, ())

    assert killed_everywhere(rig, lambda: None, ensure, lost=lost) == [DONE]
    assert killed_everywhere(rig, lambda: rig.adapter.ensure(rig.watch()), ensure, lost=lost) == [DONE]
    assert killed_everywhere(rig, lambda: rig.adapter.ensure(rig.watch()), remove, lost=lost) == [NOTHING]


def killed_everywhere(
    rig: MonitorRig, before: Callable[[], object], act: Callable[[VertexManagedMonitors], None], *, lost: bool
) -> list[Content]:
    """What is there in the end, killed at the first request, the second, and so on; each different end once."""
    ends: list[Content] = []
    for after in range(99):
        rig.reset()
        before()
        rig.service.strike(kind="reset", done=lost, after=after, path="/locations/")
        try:
            act(rig.impatient)
        except GroundplanError:
            act(rig.adapter)
            ends += [] if rig.content() in ends else [rig.content()]
        else:
            return ends
    raise AssertionError("it never came through")


@pytest.mark.parametrize(
    ("method", "path", "permission", "doing"),
    [
        ("POST", "/modelMonitors", "aiplatform.modelMonitors.create", "make a model monitor"),
        ("POST", "/schedules", "aiplatform.schedules.create", "make the schedule of a model monitor"),
        ("POST", ":searchModelMonitoringStats", "aiplatform.modelMonitors.searchModelMonitoringStats",
         "read what a model monitor found"),
        ("DELETE", "/modelMonitors/", "aiplatform.modelMonitors.delete", "delete a model monitor"),
    ],
    ids=["make", "schedule", "read", "remove"],
)  # fmt: skip
def test_who_may_not_is_told_the_role_and_who_grants_it(
    rig: MonitorRig, method: str, path: str, permission: str, doing: str
) -> None:
    message = f"Permission '{permission}' denied on resource (or it may not exist)."
    rig.service.strike(method=method, path=path, status=403, body={"error": {"code": 403, "message": message}}, times=9)

    with pytest.raises(ResourceFailedError) as refused:
        everything(rig)

    assert refused.value.message == f"Vertex AI could not {doing}: {message}"
    assert refused.value.hint == (
        "Ask for roles/aiplatform.user, or groundplan's own role Deployer, on project acme-churn; who has "
        "roles/resourcemanager.projectIamAdmin there can grant it."
    )


def test_a_service_that_is_switched_off_is_named_with_what_switches_it_on(rig: MonitorRig) -> None:
    message = (
        "Vertex AI API has not been used in project acme-churn before or it is disabled. aiplatform.googleapis.com"
    )
    rig.service.strike(path="/v1beta1/", status=403, body={"error": {"code": 403, "message": message}}, times=9)

    with pytest.raises(ResourceFailedError) as refused:
        rig.adapter.ensure(rig.watch())

    assert refused.value.hint == "gcloud services enable aiplatform.googleapis.com --project=acme-churn"


def test_a_token_that_expires_meanwhile_is_renewed(rig: MonitorRig) -> None:
    def expire(request: Request) -> None:
        if request.path != "/sts/token" and len(rig.service.requests) in (3, 7, 12):
            rig.service.token = f"token after {len(rig.service.requests)} requests"

    rig.service.meanwhile = expire
    try:
        assert everything(rig) == (4, (1,))
        assert rig.service.token != "first"
    finally:
        rig.service.token, rig.service.meanwhile = "first", None


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: MonitorRig) -> None:
    rig.service.strike(
        path="/v1beta1/", status=401, body={"error": {"code": 401, "message": "token expired"}}, times=99
    )

    with pytest.raises(AuthenticationError):
        rig.adapter.findings(rig.watch(), HOUR)


def test_an_operation_that_never_ends_stops_at_its_limit_and_is_waited_for_by_the_next_command(
    rig: MonitorRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.service.patience = float("inf")
    with monkeypatch.context() as patch:
        patch.setattr(managed_monitors, "_SECONDS", 0.3)
        with pytest.raises(TimeoutReachedError, match="make a model monitor did not end before the time limit"):
            rig.adapter.ensure(rig.watch())
    for one in rig.service.operations.values():
        one.left = 5

    rig.adapter.ensure(rig.watch())

    assert rig.content() == DONE
    assert rig.service.asked("POST", "/modelMonitors") >= 2


def test_a_monitor_that_fails_in_the_end_is_an_error_and_made_by_the_next_command(rig: MonitorRig) -> None:
    rig.service.late_error = {"code": 13, "message": "internal: the schema could not be read"}
    with pytest.raises(ResourceFailedError) as failed:
        rig.adapter.ensure(rig.watch())
    rig.service.late_error = None

    assert failed.value.message == "Vertex AI could not make a model monitor: internal: the schema could not be read"
    rig.adapter.ensure(rig.watch())
    assert rig.content() == DONE


def test_what_somebody_deleted_meanwhile_is_gone_all_the_same(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())

    def vanish(request: Request) -> None:
        if request.method == "DELETE":
            rig.monitors.monitors.clear()

    rig.service.meanwhile = vanish
    assert (rig.adapter.remove(rig.log.endpoint, ()), rig.monitors.monitors) == ((1,), {})
