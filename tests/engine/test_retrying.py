"""What ``up`` tries again: which failures, how long it waits, and the real engine when a cloud throttles or breaks off.

How long a real cloud throttles is not known here; the waits themselves are not waited for.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from unittest import mock

import pytest
from groundplan.core.errors import GroundplanError, ResourceFailedError, StoreCorruptedError
from groundplan.stacks.engine import retrying
from groundplan.stacks.engine.steps import Outcome, Step

import toy_cloud
from stand_in import StandIn, messages
from terminal import call

BROKE_OFF = "Status=503 the service broke off"


def outcome(*said: str, error: GroundplanError | None = None) -> Outcome:
    steps = tuple(
        Step(
            change="create", urn=toy_cloud.urn("dev", f"r{number}"), type=toy_cloud.ACCOUNT, status="failed", error=text
        )
        for number, text in enumerate(said)
    )
    return Outcome(operation="up", stack="dev", steps=steps, error=error or ResourceFailedError("failed"))


@pytest.mark.parametrize(
    ("attempt", "drawn", "text", "seconds"),
    [
        (1, 0.0, messages.GOOGLE_THROTTLED, 15.0),
        (2, 0.0, messages.GOOGLE_THROTTLED, 30.0),
        (2, 1.0, messages.GOOGLE_THROTTLED, 37.5),
        (9, 0.0, messages.GOOGLE_THROTTLED, 120.0),
        (1, 0.0, messages.AZURE_THROTTLED, 17.0),
        (1, 0.0, messages.UNAVAILABLE, 15.0),
        (1, 0.0, messages.AZURE_PRINCIPAL_NOT_FOUND, 15.0),
    ],
)
def test_the_wait_doubles_up_to_a_cap_heeds_the_cloud_and_varies(
    attempt: int, drawn: float, text: str, seconds: float
) -> None:
    found = retrying.pause(outcome(text), attempt, draw=lambda: drawn)

    assert found is not None
    assert found.seconds == seconds


@pytest.mark.parametrize(
    "failed",
    [
        outcome(messages.AZURE_QUOTA),
        outcome(messages.AZURE_THROTTLED, messages.AZURE_FORBIDDEN),
        outcome("nobody wrote this down"),
        outcome(),
        outcome(messages.AZURE_THROTTLED, error=StoreCorruptedError("damaged")),
    ],
)
def test_what_does_not_pass_by_itself_is_not_tried_again(failed: Outcome) -> None:
    assert retrying.pause(failed, 1) is None


def test_another_attempt_does_nothing_that_was_not_approved() -> None:
    def preview(**changes: str) -> Outcome:
        steps = [Step(change=change, urn=name, type=toy_cloud.ACCOUNT) for name, change in changes.items()]  # pyright: ignore[reportArgumentType]
        return Outcome(operation="preview", stack="dev", steps=tuple(steps))

    approved = preview(a="create", b="replace", c="same")

    assert retrying.strays(approved, preview(a="update", b="delete")) == ()
    assert [one.urn for one in retrying.strays(approved, preview(a="replace", c="update", d="create"))] == [
        "a",
        "c",
        "d",
    ]


@pytest.fixture
def waits() -> Generator[list[float]]:
    """The seconds that were to be waited."""
    seconds: list[float] = []
    with mock.patch.object(retrying, "sleep", seconds.append), toy_cloud.patched():
        yield seconds


@pytest.fixture
def up(cloud: StandIn, root: Path) -> Path:
    """The project with its shared stack up."""
    assert toy_cloud.driver(root).up("shared", toy_cloud.program(root, "shared")).error is None
    return root


def test_up_goes_on_when_a_cloud_stops_to_throttle(cloud: StandIn, up: Path, waits: list[float]) -> None:
    cloud.fault("error", name="one", times=2, message=messages.AZURE_THROTTLED)

    done = call("up", "-e", "dev", "--yes", cwd=up)

    assert (done.returncode, cloud.called("Create")) == (0, ["group", "group", "one", "one", "one"]), done.stderr
    assert "attempt 1 of 4 failed: Azure asks to slow down (one); the next one in" in done.stderr
    assert "attempt 2 of 4 failed" in done.stderr
    assert 17 <= waits[0] < 30 <= waits[1]
    assert "2 created" in done.stdout


def test_what_a_cloud_made_before_it_broke_off_is_found_and_not_made_twice(
    cloud: StandIn, up: Path, waits: list[float]
) -> None:
    cloud.fault("error", name="one", done=True, message=BROKE_OFF)

    done = call("up", "-e", "dev", "--yes", cwd=up)

    assert (done.returncode, cloud.called("Create"), len(waits)) == (0, ["group", "group", "one"], 1), done.stderr
    assert toy_cloud.driver(up).preview("dev", toy_cloud.program(up, "dev")).changes == ()


def test_after_the_last_attempt_the_failure_is_told_with_its_cause(
    cloud: StandIn, up: Path, waits: list[float]
) -> None:
    cloud.fault("error", name="one", times=9, message=messages.AZURE_THROTTLED)

    done = call("up", "-e", "dev", "--yes", "--retries", "1", cwd=up)

    assert (done.returncode, cloud.called("Create").count("one"), len(waits)) == (4, 2, 1)
    assert "cause: Too many requests were sent" in done.stderr
