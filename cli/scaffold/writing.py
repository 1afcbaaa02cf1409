"""Writes a project in one move: a folder beside the target is filled, then renamed; nothing else is touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import UsageError
from ...core.files import explained
from .rendering import safe_path

Kind = Literal["template", "generated", "data"]


@dataclass(frozen=True, kw_only=True)
class ProjectFile:
    """A file to write: its content, or the file it is a copy of.

    ``template`` files are the user's to change, ``generated`` ones are made anew, ``data`` is never touched again.
    """

    path: str
    kind: Kind
    content: bytes = b""
    copy_of: Path | None = None


def check_target(target: Path) -> None:
    """Raise UsageError unless a project may be made there: nothing there yet, or an empty folder."""
    if target.is_symlink():
        raise UsageError(f"{target} is a link", hint="Choose another name, or remove the link.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            f"{target.name} exists already and is not an empty folder",
            where=str(target),
            hint="Choose another name; 'new' never overwrites.",
        )


@contextmanager
def appearing(target: Path) -> Generator[Path]:
    """A folder to fill, which becomes ``target`` when the block ends well and vanishes when it does not."""
    check_target(target)
    with explained(target):
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
        try:
            filled = temporary / target.name
            filled.mkdir()
            yield filled
            check_target(target)
            if target.is_dir():
                target.rmdir()
            filled.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def write(target: Path, files: Iterable[ProjectFile]) -> None:
    """Make the project's folder with these files, or nothing. Raises UsageError when something is there already."""
    planned = [(safe_path(file.path), file) for file in files]
    with appearing(target) as folder:
        for path, file in planned:
            destination = folder.joinpath(path)
            destination.parent.mkdir(parents=True, exist_ok=True)
            if file.copy_of is None:
                destination.write_bytes(file.content)
            else:
                shutil.copyfile(file.copy_of, destination)
            _flush(destination)


def _flush(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
