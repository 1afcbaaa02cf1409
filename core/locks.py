"""One groundplan process at a time on one thing: a lock that dies with its owner and says who holds it."""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import clock
from .errors import LockedError
from .files import explained

if TYPE_CHECKING:
    import filelock

DEFAULT_WAIT_SECONDS = 10.0


@contextmanager
def held(
    path: Path, *, command: str, wait_seconds: float = DEFAULT_WAIT_SECONDS, what: str = "this project",
    told: Callable[[str], None] = lambda _: None,
) -> Generator[None]:  # fmt: skip
    """Hold the lock file ``path`` while the block runs; waits, then raises LockedError with the owner.

    ``what`` is what the lock is on, in words; ``told`` hears for whom is waited. The operating system releases the lock
    when the process dies, so there is no stale lock to break.
    """
    import filelock

    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path)
        try:
            _acquire(lock, path, wait_seconds, told)
        except filelock.Timeout:
            raise _locked(path, wait_seconds, what) from None
    owner = path.with_suffix(".owner.json")
    try:
        with explained(owner):
            owner.write_text(json.dumps(_this_process(command)), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: filelock.BaseFileLock, path: Path, wait_seconds: float, told: Callable[[str], None]) -> None:
    import filelock

    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        told(f"waiting for {_owner(path)}")
        lock.acquire(timeout=wait_seconds)


def user() -> str:
    """The name under which this person's actions are recorded."""
    given = os.environ.get("GROUNDPLAN_USER")
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def _this_process(command: str) -> dict[str, object]:
    return {
        "command": command,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": clock.to_text(clock.now()),
        "user": user(),
    }


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.with_suffix(".owner.json").read_text(encoding="utf-8"))
        since = clock.for_people(owner["since"])
        return f"'{owner['command']}' (process {owner['pid']} of {owner['user']}, since {since})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another groundplan process"


def _locked(path: Path, waited: float, what: str) -> LockedError:
    return LockedError(
        f"{_owner(path)} works on {what}; waited {clock.duration(waited)}",
        where=str(path),
        hint="Wait until it is done, or stop it, and run the command again.",
    )
