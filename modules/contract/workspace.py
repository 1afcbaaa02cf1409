"""A workspace: the place that holds everything else that is provisioned for one project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class WorkspaceArguments:
    """What a workspace is made for."""

    project: str


@dataclass(frozen=True, kw_only=True)
class WorkspaceOutputs:
    """Where the workspace is: a folder's file URI, or the cloud's resource id."""

    uri: str


class Workspace(Protocol):
    """A platform's workspace."""

    @property
    def arguments(self) -> WorkspaceArguments:
        """What it is made for."""
        ...

    @property
    def outputs(self) -> WorkspaceOutputs:
        """Where it is."""
        ...
