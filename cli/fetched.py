"""A folder for rows of people that one command fetches: gone when it ends, and after a kill with the next command."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from ..core import files

_NAME = "features-"


@contextmanager
def folder(below: Path) -> Generator[Path]:
    """A new folder, for this user alone. As long as it is in use its owner holds its lock, which no kill outlives."""
    files.private_folder(below)
    with filelock.FileLock(below / "features.lock"):
        _sweep(below)
        made = Path(tempfile.mkdtemp(prefix=_NAME, dir=below))
        lock = filelock.FileLock(_lock_of(made))
        lock.acquire()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        lock.release()
        _lock_of(made).unlink(missing_ok=True)


def _sweep(below: Path) -> None:
    """Take away what those left that are gone."""
    for left in below.glob(f"{_NAME}*/"):
        lock = filelock.FileLock(_lock_of(left))
        with suppress(filelock.Timeout), lock.acquire(timeout=0):
            shutil.rmtree(left, ignore_errors=True)
            _lock_of(left).unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")
