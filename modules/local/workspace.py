"""The workspace on the laptop: the folder ``.groundplan/``, kept out of git, with a marker that says its format."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core import clock, files
from ...core.errors import StoreCorruptedError, UsageError
from ...core.layout import FORMAT, Layout
from ..contract.workspace import WorkspaceOutputs
from . import folders
from .resource import State

_IGNORE_ALL = "# Made by groundplan: its state is this machine's, not the repository's.\n*\n"


@dataclass(frozen=True)
class LocalWorkspace:
    """The state folder of one project."""

    layout: Layout
    project: str

    capability = "workspace"
    description = "the state of this project, kept out of git"

    @property
    def path(self) -> Path:
        """The folder."""
        return self.layout.state

    @property
    def outputs(self) -> WorkspaceOutputs:
        """Its URI."""
        return WorkspaceOutputs(uri=self.path.as_uri())

    def state(self) -> State:
        """Missing as long as neither the marker nor the ``.gitignore`` is there."""
        folders.check(self.path)
        made = [self._ignore.is_file(), self.is_marked()]
        if all(made):
            return "ready"
        return "incomplete" if any(made) else "missing"

    def provision(self) -> None:
        """The folder and its ``.gitignore``; ``mark`` comes when all else is there."""
        folders.make([self.path])
        if not self._ignore.is_file():
            files.write_text(self._ignore, _IGNORE_ALL)

    def is_marked(self) -> bool:
        """Whether the marker is there and names this project and this format."""
        marker = read_marker(self.layout)
        return marker is not None and (marker.get("format"), marker.get("project")) == (FORMAT, self.project)

    def mark(self) -> None:
        """Say that the platform is provisioned: the last thing that provisioning does."""
        if self.is_marked():
            return
        before = read_marker(self.layout) or {}
        files.write_json(
            self.layout.marker,
            {
                "format": FORMAT,
                "project": self.project,
                "created": before.get("created", clock.to_text(clock.now())),
                "groundplan": importlib.metadata.version("groundplan"),
            },
        )

    @property
    def _ignore(self) -> Path:
        return self.path / ".gitignore"


def read_marker(layout: Layout) -> dict[str, Any] | None:
    """The marker, or None when there is none or it holds nothing useful.

    Raises UsageError when a newer groundplan wrote it: this one would not understand the rest either.
    """
    try:
        marker = files.read_json(layout.marker)
    except (FileNotFoundError, NotADirectoryError, StoreCorruptedError):
        return None
    found: object = marker.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise UsageError(
            f"a newer groundplan made this project's state (format {found}; this one knows {FORMAT})",
            where=str(layout.marker),
            hint="pip install --upgrade groundplan",
        )
    return marker
