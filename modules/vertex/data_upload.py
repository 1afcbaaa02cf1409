"""How a data source of the project gets to where a pipeline's schedule reads it."""

from __future__ import annotations

import shlex
from pathlib import Path

from ...core.layout import Layout
from ...lifecycle.contract.pipeline import DataSource


def command(root: Path, source: DataSource, uri: str) -> str:
    """The command that uploads it, typed in the project's folder; empty for one that is at the cloud already."""
    if source.path is not None:
        return f"gcloud storage cp {shlex.quote(_below(root, source.path))} {shlex.quote(uri)}"
    if source.sklearn is None:
        return ""
    file = _below(root, Layout(root).data / f"{source.sklearn}.csv")
    # The check writes the file.
    return f"groundplan data check {source.name} && gcloud storage cp {file} {shlex.quote(uri)}"


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_absolute() else path.as_posix()
