"""What this machine remembers of its stacks: what was deployed, what may exist unseen, which names stay reserved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from ...core import clock
from ...core.errors import StoreCorruptedError
from ...core.files import read_json, write_json
from .workspace import Project

_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The last time that a stack was changed from here: how many resources it had then."""

    resources: int
    at: str


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A resource whose creation ended without an answer and that no state knows: it may exist.

    ``inputs`` are those of its settings that are plain text and no secret; among them is what names it. ``id`` is what
    the cloud answered, where it did.
    """

    urn: str
    type: str
    inputs: Mapping[str, str]
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """A name that a deleted resource keeps until ``until``; ``purge`` is the command that frees it."""

    type: str
    name: str
    until: str
    purge: str


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The journal of one project's stacks; a file that no command needs but that several read."""

    project: Project

    def deployed(self, stack: str) -> Deployed | None:
        """What was deployed last; None when nothing ever was from here, or it was destroyed."""
        found = self._of(stack).get("deployed")
        return Deployed(**found) if found else None

    def note_deployed(self, stack: str, resources: int) -> None:
        """After an operation that changed the stack; with no resource left there is nothing to miss any more."""
        at = clock.to_text(clock.now())
        self._change(stack, deployed=asdict(Deployed(resources=resources, at=at)) if resources else None)

    def suspects(self, stack: str) -> tuple[Suspect, ...]:
        """What may exist unseen."""
        return tuple(Suspect(**one) for one in self._of(stack).get("suspects", []))

    def note_suspects(self, stack: str, suspects: Iterable[Suspect]) -> None:
        """After an operation that ended without an answer; one for each URN."""
        known = {one.urn: one for one in (*self.suspects(stack), *suspects)}
        self._change(stack, suspects=[asdict(one) for one in known.values()])

    def clear_suspects(self, stack: str) -> None:
        """They were looked for."""
        self._change(stack, suspects=[])

    def reserved(self, stack: str) -> tuple[Reserved, ...]:
        """The names still reserved by what was destroyed here."""
        now = clock.to_text(clock.now())
        known = (Reserved(**one) for one in self._of(stack).get("reserved", []))
        return tuple(one for one in known if one.until > now)

    def note_reserved(self, stack: str, type: str, name: str, *, days: int, purge: str) -> None:
        """A resource was deleted whose name its cloud keeps for ``days``."""
        one = Reserved(type=type, name=name, until=clock.to_text(clock.now() + timedelta(days=days)), purge=purge)
        kept = [other for other in self.reserved(stack) if (other.type, other.name) != (type, name)]
        self._change(stack, reserved=[asdict(other) for other in (*kept, one)])

    def _of(self, stack: str) -> Mapping[str, Any]:
        return self._read().get(self._key(stack), {})

    def _key(self, stack: str) -> str:
        return f"{self.project.backend} {self.project.full_name(stack)}"

    def _read(self) -> dict[str, Any]:
        """A journal that is damaged is none: it only ever warns."""
        try:
            return read_json(self._path)
        except (FileNotFoundError, StoreCorruptedError):
            return {}

    def _change(self, stack: str, **values: object) -> None:
        content = self._read()
        content[self._key(stack)] = {**cast("dict[str, object]", content.get(self._key(stack), {})), **values}
        write_json(self._path, content)
        self._path.chmod(_MODE)

    @property
    def _path(self) -> Path:
        return self.project.layout.engine / "journal.json"
