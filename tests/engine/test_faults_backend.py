"""A place of the state that is full, read-only or gone: seen before anything is made, or nothing that was made is lost.

Only folders of this machine can be looked at beforehand; what storage of a cloud says then is recorded, not measured.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import toy_cloud
from stand_in import StandIn
from terminal import call
from waiting import beside


@contextmanager
def mounted(folder: Path, options: str) -> Generator[Path]:
    """A file system in memory; skips the test where this user may not mount one."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "groundplan-test", str(folder)], capture_output=True, text=True
    )
    if made.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def creating(cloud: StandIn, name: str) -> bool:
    return any(one["method"] == "Create" and one["name"] == name and not one["preview"] for one in cloud.calls)


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    path = folder / "fill"
    try:
        with path.open("wb", buffering=0) as stream:
            while stream.write(b"x" * 4096):
                pass
    except OSError:
        return path
    raise AssertionError


@pytest.mark.parametrize(("options", "said"), [("size=4m", "kB are needed"), ("size=64m,ro", "cannot be written")])
def test_a_place_without_room_or_rights_stops_up_before_anything_is_made(
    cloud: StandIn, root: Path, tmp_path: Path, options: str, said: str
) -> None:
    with mounted(tmp_path / "place", options) as place, toy_cloud.patched():
        refused = call("up", "-e", "shared", "--yes", "--format", "json", cwd=root,
                       env={"PULUMI_BACKEND_URL": f"file://{place}"})  # fmt: skip

    (error,) = json.loads(refused.stdout)["errors"]
    assert (refused.returncode, error["code"], said in error["message"]) == (1, "STATE_BACKEND", True)
    assert "nothing was changed" in error["message"]
    assert "state.backend" in error["hint"]
    assert cloud.calls == []


def test_a_place_that_fills_up_on_the_way_leaves_a_copy_and_the_commands_that_bring_everything_back(
    cloud: StandIn, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The engine tries for half a minute before it gives up.
    with mounted(tmp_path / "place", "size=20m") as place, toy_cloud.patched():
        monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{place}")
        assert call("up", "-e", "shared", "--yes", cwd=root).returncode == 0
        cloud.fault("slow", name="one", seconds=1)
        with beside(lambda: creating(cloud, "one"), lambda: fill(place)):
            failed = call("up", "-e", "dev", "--yes", "--format", "json", cwd=root)
        (place / "fill").unlink()
        (error,) = json.loads(failed.stdout)["errors"]
        commands = re.findall(r"groundplan ([^;]+)", error["hint"])
        copy = Path(commands[0].split()[-2])
        brought = [call(*command.split(), cwd=root) for command in commands]
        again = call("up", "-e", "dev", "--yes", cwd=root)
        preview: dict[str, Any] = json.loads(call("preview", "-e", "dev", "--format", "json", cwd=root).stdout)

    assert (failed.returncode, error["code"]) == (4, "STATE_UNSAVED")
    assert (copy.stat().st_mode & 0o777, "CANARY" in copy.read_text()) == (0o600, False)
    assert [(one.returncode, one.stderr) for one in (*brought, again) if one.returncode] == []
    assert preview["data"]["stacks"][0]["steps"] == []
    assert cloud.called("Create") == ["group", "group", "one"]


def test_a_place_that_vanishes_on_the_way_is_made_again_with_the_whole_state(cloud: StandIn, root: Path) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    driver.preview("dev", program)
    cloud.fault("slow", name="one", seconds=1)

    with beside(lambda: creating(cloud, "one"), lambda: cloud.backend.rename(root / "gone")):
        done = driver.up("dev", program)
    again = driver.preview("dev", program)

    assert (done.error, again.error, again.changes) == (None, None, ())
