"""Finds groundplan.yaml, without reading it."""

from __future__ import annotations

import os
from pathlib import Path

from ...core.errors import NotFoundError

FILE_NAME = "groundplan.yaml"


def find(start: Path) -> Path:
    """The nearest groundplan.yaml in ``start`` or above it. Raises NotFoundError."""
    folder = start.absolute()
    for one in (folder, *folder.parents):
        if os.path.lexists(one / FILE_NAME):
            return one / FILE_NAME
    raise NotFoundError(
        f"there is no {FILE_NAME} in {folder} or above it", hint="groundplan new NAME makes a project; or use -C DIR."
    )


def name_of(path: Path) -> str:
    """The file as messages name it: relative to the folder that the user stands in when that is short."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return str(path)
    return relative if relative.count("..") <= 3 else str(path)
