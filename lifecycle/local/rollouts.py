"""Rollouts on disk: the one that was touched last in ``rollout.json``, those before it in ``rollouts/``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...core import files
from ...core.errors import StoreCorruptedError
from ...core.layout import Layout
from ..contract.rollout import Rollout
from .serving.records import EndpointFolder

_ROLLOUT = TypeAdapter(Rollout)


@dataclass(frozen=True)
class LocalRollouts:
    """Implements the lifecycle's Rollouts Protocol in the endpoints' folders. Whoever keeps one holds the
    endpoint's lock."""

    layout: Layout

    def current(self, endpoint: str, environment: str) -> Rollout | None:
        """The rollout that was touched last at this endpoint, under way or final. Raises StoreCorruptedError."""
        return _read(self._file(endpoint, environment))

    def history(self, endpoint: str, environment: str) -> Sequence[Rollout]:
        """Every rollout of this endpoint, the one that was touched last at the end. Raises StoreCorruptedError."""
        current = self.current(endpoint, environment)
        if current is None:
            return ()
        before = [_read(path) for path in sorted(self._before(endpoint, environment).glob("*.json"))]
        return (*(one for one in before if one is not None and one.id != current.id), current)

    def all(self) -> Sequence[Rollout]:
        """The current rollout of each endpoint. Raises StoreCorruptedError."""
        found = [_read(path) for path in sorted(self.layout.endpoints.glob("*@*/rollout.json"))]
        return tuple(one for one in found if one is not None)

    def keep(self, rollout: Rollout) -> None:
        """Make this the current rollout of its endpoint, all of it or nothing; the one before stays in the history."""
        endpoint, environment = rollout.plan.endpoint, rollout.plan.environment
        before = self.current(endpoint, environment)
        if before is not None and before.id != rollout.id:
            files.write_json(self._before(endpoint, environment) / f"{before.id}.json", asdict(before))
        files.write_json(self._file(endpoint, environment), asdict(rollout))

    def _file(self, endpoint: str, environment: str) -> Path:
        return EndpointFolder.of(self.layout, endpoint, environment).path / "rollout.json"

    def _before(self, endpoint: str, environment: str) -> Path:
        return EndpointFolder.of(self.layout, endpoint, environment).path / "rollouts"


def _read(path: Path) -> Rollout | None:
    try:
        return _ROLLOUT.validate_python(files.read_json(path))
    except FileNotFoundError:
        return None
    except (ValidationError, StoreCorruptedError) as error:
        raise StoreCorruptedError(
            f"{path} is damaged: it does not describe a rollout",
            where=str(path),
            hint="Put a backup of it back; without one, remove it: what serves now serves on, and the next "
            "groundplan deploy begins anew.",
        ) from error
