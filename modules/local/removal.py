"""What removing the laptop's state takes away, counted before it goes; and taking it away."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ...core import files
from ...core.files import explained
from ...core.layout import Layout
from . import database, folders

_SPARED = frozenset({".gitignore", "project.lock", "project.owner.json", "locks"})
"""What holds nothing of a person's and goes last: while it is there, git sees nothing and nobody else works here."""


@dataclass(frozen=True, kw_only=True)
class RemovalItem:
    """An entry of the state folder: its path, what it holds, how many files of how many bytes."""

    path: Path
    description: str
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Removal:
    """All that goes. ``models`` and ``versions`` are None where the tracking store cannot be read."""

    items: tuple[RemovalItem, ...]
    runs: int
    versions: int | None
    models: int | None

    @property
    def size_bytes(self) -> int:
        """The bytes of all files."""
        return sum(item.size_bytes for item in self.items)


def removal(layout: Layout) -> Removal:
    """What ``remove`` would take away. Raises ResourceFailedError when the state folder is a link or a file."""
    folders.check(layout.state)
    entries = sorted(layout.state.iterdir()) if layout.state.is_dir() else []
    registered = database.registered(layout.tracking_database)
    return Removal(
        items=tuple(_item(layout, entry) for entry in entries if entry.name not in _SPARED),
        runs=sum(1 for entry in layout.runs.iterdir() if entry.is_dir()) if layout.runs.is_dir() else 0,
        models=registered[0] if registered else None,
        versions=registered[1] if registered else None,
    )


def remove(layout: Layout) -> None:
    """Take the state folder away, and nothing else: links in it go, what they point at stays.

    Expects the project's lock and that no endpoint runs. Interrupted, it can be called again.
    """
    folders.check(layout.state)
    if not layout.state.is_dir():
        return
    with explained(layout.state):
        files.remove(layout.marker)
        for entry in sorted(layout.state.iterdir()):
            if entry.name not in _SPARED:
                _delete(entry)
        _delete(layout.state)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        _make_deletable(path)
    files.remove(path)


def _make_deletable(folder: Path) -> None:
    """Steps may have left folders without write permission behind."""
    for top, names, _ in os.walk(folder):
        for name in names:
            below = Path(top) / name
            if not below.is_symlink():
                below.chmod(below.stat().st_mode | 0o700)


def _item(layout: Layout, path: Path) -> RemovalItem:
    sizes = _sizes(path)
    return RemovalItem(
        path=path, description=_descriptions(layout).get(path, "left by something else"), files=len(sizes),
        size_bytes=sum(sizes),
    )  # fmt: skip


def _sizes(path: Path) -> list[int]:
    if path.is_symlink() or not path.is_dir():
        return [path.lstat().st_size]
    return [(Path(top) / name).lstat().st_size for top, _, names in os.walk(path) for name in names]


def _descriptions(layout: Layout) -> dict[Path, str]:
    return {
        layout.marker: "the marker of the workspace",
        layout.tracking_database.parent: "tracking store, model registry, artifacts",
        layout.cache: "the cache of steps",
        layout.data: "data sets",
        layout.runs: "runs and their logs",
        layout.registry: "audit log and model cards",
        layout.endpoints: "deployments and their logs",
        layout.environments: "virtual environments of steps",
        layout.monitoring: "labels and reports of monitoring",
        layout.retraining: "decisions about retraining",
        layout.reports: "reports",
    }
