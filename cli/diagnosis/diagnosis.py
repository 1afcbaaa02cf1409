"""What a check says, and what it may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import GroundplanError, NotFoundError
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from ...stacks.config.finding import find
from ...stacks.config.reading import read_stacks
from ...stacks.config.resolved import Resolved
from ..session import Session

State = Literal["ok", "warn", "bad", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A check's answer: what was found, what is needed, and what to type where that differs.

    ``evidence`` are single findings, where ``found`` only sums them up.
    """

    state: State
    found: str
    needed: str = ""
    fix: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where doctor stands. ``root`` is None outside a project, ``config`` also where it is broken.

    ``stacks`` are the configs of all stacks of a cloud, where one of them is to be looked at.
    """

    session: Session
    folder: Path | None
    root: Path | None
    config: Resolved | None
    config_error: GroundplanError | None
    stacks: Mapping[str, Resolved] | None = None

    @property
    def layout(self) -> Layout | None:
        """The project's state, or None outside a project."""
        return None if self.root is None else Layout(self.root)

    @property
    def platform(self) -> str:
        """The platform of the config; the laptop where there is none to read."""
        return "local" if self.config is None else self.config.config.platform


OUTSIDE = Diagnosis(state="unknown", found="no project here")
"""What a check says that needs a project, outside one."""


def situation(session: Session, stack: str | None = None) -> Situation:
    """Look around without failing: no folder, no project and a broken config are situations too.

    Raises NotFoundError where a stack is asked for that the project has not, or outside a project.
    """
    try:
        folder = session.folder
    except GroundplanError:
        return Situation(session=session, folder=None, root=None, config=None, config_error=None)
    try:
        root = find(folder).parent
    except NotFoundError:
        if stack is not None:
            raise
        return Situation(session=session, folder=folder, root=None, config=None, config_error=None)
    try:
        stacks = None if stack is None else read_stacks(root)
        config = session.config() if stacks is None else _chosen(stacks, stack)
    except GroundplanError as error:
        if isinstance(error, NotFoundError):
            raise
        return Situation(session=session, folder=folder, root=root, config=None, config_error=error)
    return Situation(session=session, folder=folder, root=root, config=config, config_error=None, stacks=stacks)


def _chosen(stacks: Mapping[str, Resolved], stack: str | None) -> Resolved:
    """The config of a stack; on the laptop nothing is shared. Raises NotFoundError."""
    known = [name for name, one in stacks.items() if name != SHARED or one.config.platform != "local"]
    if stack not in known:
        raise NotFoundError(f"there is no environment {stack!r}", hint=did_you_mean(str(stack), known))
    return stacks[str(stack)]
