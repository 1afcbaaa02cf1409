"""The folders of model versions on this machine, as they came from the registry."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from ...core import digests, files
from ...core.errors import NotFoundError, StoreCorruptedError
from ..contract.model import ModelVersion
from ..contract.registry import Registry
from ..stages import label

HINT = "It is refused for good unless the files come back from a backup; groundplan run makes a new version."


def path_of(folder: Path, name: str, version: int) -> Path:
    """Where a version's folder is below the machine's ``folder``."""
    return folder / "models" / name / f"v{version}"


@dataclass(frozen=True, kw_only=True)
class FetchedFolders:
    """Below ``folder``, by model and version."""

    registry: Registry
    folder: Path

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
        """Fetch the folder anew, whatever is there. Raises StoreCorruptedError when it is not what was registered."""
        path = self.path(version.name, version.version)
        incoming = path.parent / f".incoming-{secrets.token_hex(4)}"
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.registry.fetch(version.name, version.version, incoming)
            digests.demand(incoming, version.digest, what=label(version), hint=HINT)
            with files.explained(path):
                files.remove(path)
                incoming.rename(path)
        except NotFoundError as error:
            raise StoreCorruptedError(
                f"{label(version)} is gone; expected {version.digest}", where=error.problems[0].where, hint=HINT
            ) from error
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
