"""A backend that a team shares, here a bucket: slow, busy, closed, and left locked by an engine that died.

The engine and its client of S3 are real, the bucket is a stand-in; other clouds' storage answers in other words.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import LockedError
from groundplan.stacks.engine.errors import StateBackendError
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.recovery_repair import repair, unlock
from groundplan.stacks.engine.workspace import StateSettings

import toy_cloud
from stand_in import StandIn
from stand_in.services.s3 import Bucket, refusal

BUSY = refusal(503, "SlowDown").answer
CLOSED = refusal(403, "AccessDenied").answer


@pytest.fixture
def bucket(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> Generator[Bucket]:
    with Bucket(cloud.store) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


@pytest.fixture
def driver(bucket: Bucket, root: Path) -> Driver:
    made = toy_cloud.driver(root)
    settings = StateSettings(backend=bucket.url, secrets_provider="passphrase")
    made.project = replace(made.project, settings=settings)
    return made


def test_a_slow_and_busy_bucket_is_waited_for(cloud: StandIn, bucket: Bucket, driver: Driver, root: Path) -> None:
    program = toy_cloud.program(root, "dev")
    bucket.meanwhile = lambda _: time.sleep(0.02)
    bucket.strike(method="PUT", times=2, content=BUSY.content, status=BUSY.status)

    done = [driver.up("dev", program), driver.preview("dev", program), driver.destroy("dev")]

    assert [one.error for one in done] == [None] * 3
    assert (done[1].changes, cloud.store.resources) == ((), {})


def test_a_bucket_that_nobody_may_enter_stops_up_before_anything_is_made(
    cloud: StandIn, bucket: Bucket, driver: Driver, root: Path
) -> None:
    bucket.strike(times=10_000, content=CLOSED.content, status=CLOSED.status)

    refused = driver.up("dev", toy_cloud.program(root, "dev"))

    assert type(refused.error) is StateBackendError
    assert "AccessDenied" in refused.error.message
    assert "state.backend names a place that" in refused.error.message
    assert refused.error.hint == "groundplan config show; groundplan doctor"
    assert cloud.called("Create") == []


def test_an_engine_that_died_leaves_a_lock_that_is_taken_away_when_confirmed_and_repair_finds_what_it_made(
    cloud: StandIn, bucket: Bucket, driver: Driver, root: Path
) -> None:
    program = toy_cloud.program(root, "dev")
    cloud.fault("kill-engine", type=":StorageAccount", done=True)

    killed = driver.up("dev", program)
    with pytest.raises(LockedError) as locked:
        driver.up("dev", program)
    with pytest.raises(LockedError) as refused:
        unlock(driver, "dev", confirmed=False)
    mended = repair(driver, "dev", confirmed=True)
    again = driver.up("dev", program)

    assert killed.error is not None
    assert "is locked by" in locked.value.message
    assert refused.value.hint.endswith("groundplan unlock --environment dev --confirm")
    assert [(one.doing, one.name, one.fate) for one in mended.unfinished] == [("creating", "one", "adopted")]
    assert (again.error, again.changes) == (None, ())
    assert cloud.called("Create") == ["group", "one"]
