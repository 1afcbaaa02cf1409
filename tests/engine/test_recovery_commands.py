"""``groundplan repair``, ``unlock`` and ``state restore`` as a user types them, after the real engine was killed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import toy_cloud
from stand_in import StandIn
from terminal import call


@pytest.fixture
def interrupted(cloud: StandIn, root: Path) -> Generator[Path]:
    """A project whose stack dev was half made when its engine was killed; the cloud had made the account."""
    assert toy_cloud.driver(root).up("shared", toy_cloud.program(root, "shared")).error is None
    cloud.fault("kill-engine", type=":StorageAccount", done=True)
    toy_cloud.driver(root).up("dev", toy_cloud.program(root, "dev"))
    with toy_cloud.patched():
        yield root


def document(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return json.loads(result.stdout)


def test_after_a_kill_up_refuses_repair_mends_and_up_goes_on(cloud: StandIn, interrupted: Path) -> None:
    refused = call("up", "-e", "dev", "--yes", "--format", "json", cwd=interrupted)
    looked = call("repair", "-e", "dev", "--dry-run", "--format", "json", cwd=interrupted)
    mended = call("repair", "-e", "dev", cwd=interrupted)
    again = call("up", "-e", "dev", "--yes", cwd=interrupted)

    errors = document(refused)["errors"]
    assert (refused.returncode, errors[0]["hint"]) == (10, "groundplan repair --environment dev")
    stack = document(looked)["data"]["stacks"][0]
    assert (stack["stack"], stack["locks"][0]["owner"]) == ("dev", "dead")
    assert [(one["doing"], one["fate"]) for one in stack["unfinished"]] == [("creating", "settled")]
    assert mended.returncode == 0, mended.stderr
    assert "took away the lock" in mended.stdout
    assert f"creating one ({toy_cloud.ACCOUNT}) was interrupted: it exists and stands in the state now" in mended.stdout
    assert (again.returncode, cloud.called("Create").count("one")) == (0, 1), again.stderr


def test_unlock_says_whose_lock_it_took_and_what_to_do_next(interrupted: Path) -> None:
    first = call("unlock", "-e", "dev", cwd=interrupted)
    second = call("unlock", "-e", "dev", "--format", "json", cwd=interrupted)

    assert (first.returncode, first.stdout.startswith("dev: took away the lock of ")) == (0, True)
    assert "next: groundplan repair" in first.stderr
    assert document(second)["data"]["stacks"] == [{"stack": "dev", "locks": []}]


def test_a_damaged_state_stops_every_command_until_a_copy_is_put_back(cloud: StandIn, root: Path) -> None:
    with toy_cloud.patched():
        made = call("up", "-e", "shared", "--yes", cwd=root)
        state = cloud.backend / ".pulumi" / "stacks" / "toy" / "shared.json"
        state.write_bytes(state.read_bytes()[:400])

        stopped = [call(*words, "-e", "shared", cwd=root) for words in (["up", "--yes"], ["preview"], ["repair"])]
        shown = call("state", "restore", "--format", "json", cwd=root)
        restored = call("state", "restore", "--yes", cwd=root)
        preview = call("preview", "-e", "shared", "--format", "json", cwd=root)

    assert made.returncode == 0, made.stderr
    assert [one.returncode for one in stopped] == [1, 1, 1]
    assert all("groundplan state restore --environment shared (newest copy:" in one.stderr for one in stopped)
    data = document(shown)["data"]
    assert (data["restored"], data["lost"], data["aside"]) == (False, [], None)
    assert restored.returncode == 0, restored.stderr
    assert f"put back as {state}" in restored.stdout
    assert (preview.returncode, [one["steps"] for one in document(preview)["data"]["stacks"]]) == (0, [[]])


@pytest.mark.parametrize("left", [b"", b'{"user.cache_control"'])
def test_what_the_engine_notes_beside_a_state_may_be_cut_off_and_repair_does_without(
    cloud: StandIn, root: Path, left: bytes
) -> None:
    assert toy_cloud.driver(root).up("shared", toy_cloud.program(root, "shared")).error is None
    state = cloud.backend / ".pulumi" / "stacks" / "toy" / "shared.json"
    before = state.read_bytes()
    state.with_name("shared.json.attrs").write_bytes(left)

    with toy_cloud.patched():
        stopped = [call(*words, "-e", "shared", cwd=root) for words in (["preview"], ["repair", "--dry-run"])]
        unchanged = state.read_bytes() == before
        mended = call("repair", "-e", "shared", cwd=root)
        preview = call("preview", "-e", "shared", "--format", "json", cwd=root)

    assert [(one.returncode, "groundplan repair --environment shared" in one.stderr) for one in stopped] == [
        (1, True), (1, True),
    ]  # fmt: skip
    assert (unchanged, mended.returncode) == (True, 0), mended.stderr
    assert [one["steps"] for one in document(preview)["data"]["stacks"]] == [[]]


def test_a_state_that_vanished_stops_up_before_it_makes_everything_again(cloud: StandIn, root: Path) -> None:
    with toy_cloud.patched():
        call("up", "-e", "shared", "--yes", cwd=root)
        (cloud.backend / ".pulumi" / "stacks" / "toy" / "shared.json").unlink()

        refused = call("up", "-e", "shared", "--yes", cwd=root)

    assert refused.returncode == 1
    assert "a new 'up' would create all of them again" in refused.stderr
    assert cloud.called("Create") == ["group"]


def test_a_whole_state_is_not_restored_by_accident(cloud: StandIn, root: Path, tmp_path: Path) -> None:
    with toy_cloud.patched():
        nothing = call("state", "restore", cwd=root)
        nowhere = call("state", "restore", "-e", "dev", "--from", str(tmp_path / "none.json"), cwd=root)
        elsewhere = call("state", "restore", "-e", "dev", cwd=root, env={"PULUMI_BACKEND_URL": "gs://toy"})
        unlock = call("unlock", "-e", "dev", cwd=root, env={"PULUMI_BACKEND_URL": "gs://toy"})

    assert (nothing.returncode, "the state of none is damaged or missing" in nothing.stderr) == (2, True)
    assert nowhere.returncode == 6
    assert (elsewhere.returncode, "keeps versions of its own" in elsewhere.stderr) == (2, True)
    assert (unlock.returncode, "--confirm" in unlock.stderr) == (10, True)
