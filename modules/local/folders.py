"""Folders of the state: made where they are missing, refused where something else is in their place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...core.errors import ResourceFailedError
from ...core.files import explained


def check(folder: Path) -> None:
    """Raises ResourceFailedError when the folder's place is taken by a link or a file."""
    if folder.is_symlink():
        raise ResourceFailedError(
            f"{folder} is a link; groundplan keeps its state in a folder of the project and follows no link",
            where=str(folder),
            hint=f"Remove the link (rm '{folder}'); what it points at stays.",
        )
    if folder.exists() and not folder.is_dir():
        raise ResourceFailedError(
            f"{folder} is a file where groundplan needs a folder",
            where=str(folder),
            hint=f"Move the file away: mv '{folder}' '{folder}.old'",
        )


def all_there(folders: Iterable[Path]) -> bool:
    """Whether all of them exist. Raises ResourceFailedError for a link or a file in their place."""
    known = tuple(folders)
    for folder in known:
        check(folder)
    return all(folder.is_dir() for folder in known)


def make(folders: Iterable[Path]) -> None:
    """Make those that are missing. Raises ResourceFailedError for a link or a file in their place."""
    for folder in folders:
        check(folder)
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
