"""Where a backend of plain files keeps a stack: its state, its locks, its backups and its history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from .workspace import Project

_SCHEME = "file://"


@dataclass(frozen=True, kw_only=True)
class StateFiles:
    """The files of one stack below ``folder``, which holds ``.pulumi``."""

    folder: Path
    project: str
    stack: str

    @property
    def state(self) -> Path:
        """The state itself."""
        return self._pulumi / "stacks" / self.project / f"{self.stack}.json"

    @property
    def attributes(self) -> Path:
        """What the engine notes beside the state, such as its type; it does without, and not with half of it."""
        return self.state.with_name(f"{self.state.name}.attrs")

    @property
    def locks(self) -> tuple[Path, ...]:
        """One file for each update that runs, or that died."""
        return tuple(sorted((self._pulumi / "locks" / "organization" / self.project / self.stack).glob("*.json")))

    @property
    def copies(self) -> Iterator[Path]:
        """Every earlier state that the engine kept."""
        own = self.state.with_name(f"{self.stack}.json.bak")
        if own.is_file():
            yield own
        yield from sorted((self._pulumi / "backups" / self.project / self.stack).glob("*.json"))
        yield from sorted((self._pulumi / "history" / self.project / self.stack).glob("*.checkpoint.json"))

    @property
    def _pulumi(self) -> Path:
        return self.folder / ".pulumi"


def state_files(project: Project, stack: str) -> StateFiles | None:
    """The files of a stack; None where the backend is no folder of this machine."""
    url = project.backend
    if not url.startswith(_SCHEME):
        return None
    text = unquote(url.removeprefix(_SCHEME).partition("?")[0])
    folder = Path(text).expanduser()
    return StateFiles(folder=project.layout.engine / folder, project=project.name, stack=stack)
