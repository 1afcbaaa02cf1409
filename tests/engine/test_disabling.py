"""Schedules of Azure ML go with a stack, or with the config that named them: it deletes none that is on.

The real engine, the SDK's real client, stand-ins that share a store. Not proved: in which words Azure refuses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import serving_kit
import toy_cloud
from stand_in import StandIn
from stand_in.services.schedules import KIND
from terminal import call


@pytest.fixture
def strict(cloud: StandIn, root: Path) -> StandIn:
    """A project that is up with a schedule, at a cloud that keeps what is on."""
    toy_cloud.change(root, endpoint=True, schedule=True, accounts=[])
    with toy_cloud.patched():
        assert call("up", "-e", "shared", "-e", "dev", "--yes", cwd=root).returncode == 0
    cloud.store.keep_schedules_that_are_on()
    return cloud


def schedules(cloud: StandIn) -> list[str]:
    return [id for id, one in cloud.store.resources.items() if one["type"] == KIND]


@pytest.mark.parametrize(
    "words", [("destroy", "-e", "dev", "--confirm", "toy"), ("up", "-e", "dev", "--yes")], ids=["destroy", "up"]
)
def test_it_is_switched_off_before_it_is_deleted(
    strict: StandIn, root: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    toy_cloud.change(root, schedule=False)
    with serving_kit.signed_in("azureml", strict.store, tmp_path), toy_cloud.patched():
        done = call(*words, cwd=root)

    assert (done.returncode, schedules(strict)) == (0, []), done.stderr
    assert "switched off the schedule nightly" in done.stderr


def test_one_that_nobody_here_may_switch_off_is_named_with_the_role_and_the_way_out(
    strict: StandIn, root: Path, tmp_path: Path
) -> None:
    toy_cloud.change(root, schedule=False)
    body = {"error": {"code": "AuthorizationFailed", "message": "no authorization to perform 'schedules/write'"}}
    with serving_kit.signed_in("azureml", strict.store, tmp_path) as service, toy_cloud.patched():
        service.strike(method="PUT", path="/schedules/nightly", status=403, body=body, times=99)
        done = call("up", "-e", "dev", "--yes", cwd=root)

    said = " ".join(done.stderr.split())
    assert (done.returncode, len(schedules(strict))) == (4, 1), done.stderr
    assert "the schedule nightly may be on, and is then not deleted: " in said
    assert "Ask for " in said
    assert "az ml schedule disable" in said
