"""Locks of a stack that the engine left behind: whose they are, whether that process still runs, taking them away."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ...core.errors import LockedError
from .recovery_files import StateFiles

Owner = Literal["running", "dead", "elsewhere", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock and the process that made it; ``owner`` is what is known of that process now."""

    path: Path
    pid: int
    user: str
    host: str
    since: str
    owner: Owner

    def __str__(self) -> str:
        """Who holds it, since when."""
        if self.owner == "unknown":
            return f"the lock {self.path.name}, which does not say whose it is"
        state = {"running": "running", "dead": "no longer running", "elsewhere": "on another machine"}[self.owner]
        return f"{self.user}@{self.host}, process {self.pid} ({state}), since {self.since}"


def locks_of(files: StateFiles) -> tuple[Lock, ...]:
    """The locks of a stack, by name."""
    return tuple(_read(path) for path in files.locks)


def release(locks: Iterable[Lock], *, stack: str, confirmed: bool) -> tuple[Lock, ...]:
    """Take locks away: those of dead processes of this machine; with ``confirmed`` all but running ones.

    Raises LockedError before anything is taken when one of them has to stay.
    """
    found = tuple(locks)
    kept = [one for one in found if one.owner == "running" or (one.owner != "dead" and not confirmed)]
    if kept:
        raise _stays(kept, stack)
    for one in found:
        one.path.unlink(missing_ok=True)
        one.path.with_name(f"{one.path.name}.attrs").unlink(missing_ok=True)
    return found


def _stays(kept: list[Lock], stack: str) -> LockedError:
    running = any(one.owner == "running" for one in kept)
    hint = (
        "Wait until it is done, or stop that process."
        if running
        else f"Make sure that it no longer runs, then: groundplan unlock --environment {stack} --confirm"
    )
    return LockedError(
        f"stack {stack} is locked by {'; '.join(str(one) for one in kept)}", where=str(kept[0].path), hint=hint
    )


def _read(path: Path) -> Lock:
    try:
        content = cast("dict[str, object]", json.loads(path.read_bytes()))
        pid, host = int(cast("int", content["pid"])), str(content["hostname"])
        user, since = str(content["username"]), str(content["timestamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return Lock(path=path, pid=0, user="", host="", since="", owner="unknown")
    return Lock(path=path, pid=pid, user=user, host=host, since=since, owner=_owner(pid, host))


def _owner(pid: int, host: str) -> Owner:
    if host != socket.gethostname():
        return "elsewhere"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "dead"
    except (OverflowError, PermissionError):
        pass
    # Another program may have been given the number since.
    name = Path(f"/proc/{pid}/comm")
    return "dead" if name.is_file() and not name.read_text().startswith("pulumi") else "running"
