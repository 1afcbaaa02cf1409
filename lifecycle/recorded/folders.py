"""The folders of model versions on this machine, as they came from the registry."""

from __future__ import annotations

import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from ...core import digests, files
from ...core.errors import NotFoundError, StoreCorruptedError
from ..contract.model import ModelVersion
from ..contract.registry import Registry
from ..stages import label

FRESH_SECONDS = 60.0
"""What came so short a time ago is what the registry has: a command looks several times, and a model is large."""

HINT = "It is refused for good unless the files come back from a backup; groundplan run makes a new version."


def path_of(folder: Path, name: str, version: int) -> Path:
    """Where a version's folder is below the machine's ``folder``."""
    return folder / "models" / name / f"v{version}"


@dataclass(frozen=True, kw_only=True)
class FetchedFolders:
    """Below ``folder``, by model and version."""

    registry: Registry
    folder: Path
    _came: dict[Path, float] = field(default_factory=dict[Path, float])

    def path(self, name: str, version: int) -> Path:
        """Where the folder of a version is, once it was fetched."""
        return path_of(self.folder, name, version)

    def there(self, version: ModelVersion) -> Path:
        """The version's folder, fetched unless it is there and whole. Raises StoreCorruptedError."""
        path = self.path(version.name, version.version)
        if not path.is_dir() or digests.of_path(path) != version.digest:
            self.fetch(version)
        return path

    def fetch(self, version: ModelVersion) -> None:
        """Fetch the folder anew, unless that was just done. Raises StoreCorruptedError when it is another one."""
        path = self.path(version.name, version.version)
        if self._is_fresh(path) and digests.of_path(path) == version.digest:
            return
        incoming = path.parent / f".incoming-{secrets.token_hex(4)}"
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.registry.fetch(version.name, version.version, incoming)
            digests.demand(incoming, version.digest, what=label(version), hint=HINT)
            with files.explained(path):
                files.remove(path)
                incoming.rename(path)
            self._came[path] = time.monotonic()
        except NotFoundError as error:
            raise StoreCorruptedError(
                f"{label(version)} is gone; expected {version.digest}", where=error.problems[0].where, hint=HINT
            ) from error
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def _is_fresh(self, path: Path) -> bool:
        came = self._came.get(path)
        return came is not None and time.monotonic() - came < FRESH_SECONDS and path.is_dir()
