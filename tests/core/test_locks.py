"""One process at a time, and who it is."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.core import locks
from groundplan.core.errors import GroundplanError, LockedError

_HOLDER = """
import sys, time
from pathlib import Path
from groundplan.core import locks
with locks.held(Path(sys.argv[1]), command="groundplan run"):
    print("held", flush=True)
    time.sleep(60)
"""


def _start_holder(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "project.lock"
    with _start_holder(path) as holder:
        with pytest.raises(LockedError) as caught, locks.held(path, command="groundplan up", wait_seconds=0.1):
            pass
        holder.kill()

    assert f"'groundplan run' (process {holder.pid} of {locks.user()}, since " in caught.value.message


def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "project.lock"
    with _start_holder(path) as holder:
        holder.send_signal(signal.SIGKILL)

    with locks.held(path, command="groundplan up", wait_seconds=60):
        pass


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "project.lock"
    with pytest.raises(ZeroDivisionError), locks.held(path, command="groundplan up"):
        raise ZeroDivisionError

    with locks.held(path, command="groundplan up", wait_seconds=0.1):
        pass


def test_on_a_full_disk_the_lock_is_refused_in_words_and_free_again(tmp_path: Path) -> None:
    path = tmp_path / "project.lock"
    path.with_suffix(".owner.json").symlink_to("/dev/full")

    with (
        pytest.raises(GroundplanError, match=r"cannot write .*No space left"),
        locks.held(path, command="groundplan up"),
    ):
        pass

    with locks.held(path, command="groundplan up", wait_seconds=0):
        pass
