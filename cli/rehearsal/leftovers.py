"""What a rehearsal leaves behind when it is killed: its servers and its copy, which the next one takes away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...core import locks
from ...core.layout import Layout

PREFIX = "groundplan-rehearsal-"
PROJECT = "project"
_LOCK = "rehearsal.lock"


@contextmanager
def marked(folder: Path) -> Generator[None]:
    """While the block runs, ``folder`` is that of a rehearsal that lives; the mark of one that was killed stays."""
    with locks.held(folder / _LOCK, command="groundplan rehearse", what="this rehearsal"):
        yield


def remove_all() -> list[Path]:
    """Stop what rehearsals of this person that were killed still serve, and delete their copies; the folders."""
    return [folder for folder in _own() if _removed(folder)]


def _own() -> Iterator[Path]:
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        mine = not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()
        if mine and folder.is_dir() and not folder.is_symlink():
            yield folder


def _removed(folder: Path) -> bool:
    """Whether it was one that nobody rehearses in; one without an owner's name is just being made."""
    import filelock

    lock = filelock.FileLock(folder / _LOCK)
    if not (folder / _LOCK).with_suffix(".owner.json").exists():
        return False
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    try:
        _stop(folder / PROJECT)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()
    return True


def _stop(root: Path) -> None:
    from ...lifecycle.local.platform import LocalPlatform

    endpoints = LocalPlatform(Layout(root)).endpoints
    for state in endpoints.states():
        endpoints.undeploy(state.deployment.settings.name, state.deployment.settings.environment)
