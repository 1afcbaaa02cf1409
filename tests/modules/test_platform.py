"""Provisioning the laptop: once, again, after a kill, and where it cannot be done.

What a power cut does to the disk's cache cannot be shown here; read-only and full file systems are shown where the
tests run as root, which can make them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError, NotFoundError, ResourceFailedError, UsageError
from groundplan.core.layout import FORMAT, Layout
from groundplan.modules.local import platform

CAPABILITIES = ["workspace", "storage", "registry", "endpoint"]
SUPPORT = Path(__file__).parents[1] / "support"


def outcomes(layout: Layout) -> dict[str, str]:
    return {one.capability: one.outcome for one in platform.provision(layout, project="demo")}


def plan(layout: Layout) -> dict[str, str]:
    return {one.capability: one.outcome for one in platform.plan(layout, project="demo")}


def test_everything_is_created_once_and_unchanged_the_second_time(empty: Layout) -> None:
    planned = plan(empty)
    made = empty.state.exists()
    first = outcomes(empty)
    before = {path: path.stat().st_mtime_ns for path in empty.root.rglob("*")}
    second = outcomes(empty)

    assert (planned, made) == (dict.fromkeys(CAPABILITIES, "created"), False)
    assert first == dict.fromkeys(CAPABILITIES, "created")
    assert second == dict.fromkeys(CAPABILITIES, "unchanged")
    assert {path: path.stat().st_mtime_ns for path in empty.root.rglob("*")} == before


def test_what_is_made_lies_below_the_state_folder_alone(empty: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = empty.root.parent / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))

    platform.provision(empty, project="demo")

    assert sorted(path.relative_to(empty.root).as_posix() for path in empty.root.rglob("*")) == [
        ".groundplan",
        ".groundplan/.gitignore",
        ".groundplan/cache",
        ".groundplan/data",
        ".groundplan/endpoints",
        ".groundplan/tracking",
        ".groundplan/tracking/artifacts",
        ".groundplan/tracking/mlflow.db",
        ".groundplan/tracking/mlflow.json",
        ".groundplan/workspace.json",
    ]
    assert list(elsewhere.iterdir()) == []


def test_git_sees_nothing_of_the_state(project: Layout) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=project.root, check=True)

    seen = subprocess.run(
        ["git", "status", "--short", "--untracked-files=all"], cwd=project.root, check=True, capture_output=True
    )

    assert seen.stdout == b""


def test_the_marker_names_the_format_and_the_project(project: Layout) -> None:
    marker = json.loads(project.marker.read_text())

    assert (marker["format"], marker["project"], sorted(marker)) == (
        FORMAT,
        "demo",
        ["created", "format", "groundplan", "project"],
    )


def test_what_is_missing_is_made_and_the_rest_stays(project: Layout) -> None:
    kept = project.cache / "kept"
    kept.write_text("kept")
    project.endpoints.rmdir()
    project.data.rmdir()
    (project.state / ".gitignore").unlink()

    planned = plan(project)

    expected = {"workspace": "repaired", "storage": "repaired", "registry": "unchanged", "endpoint": "created"}
    assert (planned, outcomes(project), kept.read_text()) == (expected, expected, "kept")
    assert set(plan(project).values()) == {"unchanged"}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "1"}', '{"format": 1, "project": "other"}'])
def test_a_damaged_or_foreign_marker_is_written_anew(project: Layout, content: str) -> None:
    project.marker.write_text(content)

    assert outcomes(project)["workspace"] == "repaired"
    assert set(plan(project).values()) == {"unchanged"}


def test_state_of_a_newer_format_is_refused_and_left_alone(project: Layout) -> None:
    project.marker.write_text(json.dumps({"format": FORMAT + 1}))
    before = project.marker.read_bytes()

    for act in (lambda: platform.provision(project, project="demo"), lambda: platform.check_place(project)):
        with pytest.raises(UsageError, match=f"format {FORMAT + 1}; this one knows {FORMAT}") as error:
            act()
        assert (error.value.where, error.value.hint) == (str(project.marker), "pip install --upgrade groundplan")

    assert project.marker.read_bytes() == before


def test_a_command_that_needs_the_platform_says_how_to_get_it(empty: Layout) -> None:
    with pytest.raises(NotFoundError) as error:
        platform.require(empty)
    platform.provision(empty, project="demo")
    platform.require(empty)

    assert error.value.hint == "groundplan up"


@pytest.mark.parametrize("place", ["", "tracking", "tracking/artifacts", "cache", "data", "endpoints"])
@pytest.mark.parametrize("what", ["file", "link out", "link inside", "dangling link"])
def test_a_folder_that_is_something_else_is_refused(empty: Layout, place: str, what: str) -> None:
    folder = empty.state / place
    folder.parent.mkdir(parents=True, exist_ok=True)
    outside = empty.root.parent / "outside"
    outside.mkdir()
    (empty.root / "inside").mkdir()
    if what == "file":
        folder.write_text("mine")
    else:
        targets = {"link out": outside, "link inside": empty.root / "inside", "dangling link": outside / "gone"}
        folder.symlink_to(targets[what])

    with pytest.raises(ResourceFailedError) as error:
        platform.provision(empty, project="demo")

    assert (error.value.where, list(outside.iterdir())) == (str(folder), [])
    assert ("is a file" if what == "file" else "is a link") in error.value.message


def test_a_kill_at_any_step_leaves_what_the_next_call_completes(made: Path, tmp_path: Path) -> None:
    results = kill_everywhere("provision", tmp_path, Layout(made).tracking_database)

    expected = [path.relative_to(made).as_posix() for path in made.rglob("*")]
    assert len(results) > 15
    assert [result["files"] for result in results] == [sorted(expected)] * len(results)
    assert [result["planned"] for result in results] == [["unchanged"]] * len(results)
    assert [result["killed"] for result in results] == [True] * (len(results) - 1) + [False]


def test_a_kill_at_any_step_of_removing_leaves_what_the_next_call_removes(made: Path, tmp_path: Path) -> None:
    results = kill_everywhere("remove", tmp_path, Layout(made).tracking_database)

    assert len(results) > 10
    assert [result["files"] for result in results] == [[]] * len(results)
    assert (tmp_path / "kept" / "file.txt").read_text() == "somebody's own"


def kill_everywhere(action: str, folder: Path, template: Path) -> list[dict[str, object]]:
    program = [sys.executable, str(SUPPORT / "kill_everywhere.py"), action, str(folder), str(template)]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


@contextmanager
def unprivileged() -> Generator[None]:
    """As a user who is not root, who may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder_is_named(empty: Layout) -> None:
    for parent in (empty.root, *empty.root.parents):
        if parent.owner() == "root" and parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    empty.root.chmod(0o555)

    with unprivileged(), pytest.raises(GroundplanError) as error:
        platform.provision(empty, project="demo")

    empty.root.chmod(0o755)
    assert (error.value.message, "-C DIR" in error.value.hint) == (f"no permission to write {empty.state}", True)
    assert list(empty.root.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing_half_made(made: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("making a small file system needs root")
    try:
        layout = Layout(disk)
        with pytest.raises(GroundplanError) as error:
            platform.provision(layout, project="demo")
        left = sorted(path.name for path in layout.tracking_database.parent.iterdir())
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        again = outcomes(layout)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    assert ("The disk is full" in error.value.hint, left) == (True, ["artifacts"])
    assert again == {"workspace": "repaired", "storage": "unchanged", "registry": "created", "endpoint": "created"}
