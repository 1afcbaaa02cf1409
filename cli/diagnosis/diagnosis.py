"""What a check says, and what it may look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import GroundplanError, NotFoundError
from ...core.layout import Layout
from ...stacks.config.finding import find
from ...stacks.config.resolved import Resolved
from ..session import Session

State = Literal["ok", "warn", "bad", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A check's answer: what was found, what is needed, and what to type where that differs."""

    state: State
    found: str
    needed: str = ""
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where doctor stands. ``root`` is None outside a project, ``config`` also where it is broken."""

    session: Session
    folder: Path | None
    root: Path | None
    config: Resolved | None
    config_error: GroundplanError | None

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


def situation(session: Session) -> Situation:
    """Look around without failing: no folder, no project and a broken config are situations too."""
    try:
        folder = session.folder
    except GroundplanError:
        return Situation(session=session, folder=None, root=None, config=None, config_error=None)
    root, config, problem = None, None, None
    try:
        root = find(folder).parent
        config = session.config()
    except NotFoundError:
        pass
    except GroundplanError as error:
        problem = error
    return Situation(session=session, folder=folder, root=root, config=config, config_error=problem)
