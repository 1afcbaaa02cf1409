"""The registry of a cloud: where it keeps the folders of model versions, and what people see of them on its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class RegisteredVersion:
    """A version as the cloud has it. ``stages`` are the environments that point at it, ``digest`` is of its folder.

    ``digest`` is empty for a version that somebody else registered.
    """

    name: str
    version: int
    digest: str
    created: str
    stages: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None


class Registry(Protocol):
    """Model versions in a cloud. Every call raises AuthenticationError, ResourceFailedError and TimeoutReachedError."""

    def register(self, name: str, source: Path, *, digest: str, labels: Mapping[str, str]) -> RegisteredVersion:
        """Upload a model folder as a new version; the same digest again gives the version that it has.

        Killed at any moment, the next call finishes it: no version is there without its folder.
        """
        ...

    def versions(self, name: str | None = None) -> Sequence[RegisteredVersion]:
        """All versions, of one model or of all that groundplan registered, newest first, page by page."""
        ...

    def share(self, name: str, version: int, environment: str) -> None:
        """Let an environment's endpoints load the version: a reference or a copy with the same digest. Again is once.

        Raises StoreCorruptedError where another folder has that name and version there.
        """
        ...

    def mark(self, name: str, version: int, *, stages: Sequence[str], labels: Mapping[str, str]) -> None:
        """Show on the cloud's own pages in which stages a version is. Again is the same as once."""
        ...

    def fetch(self, name: str, version: int, into: Path) -> Path:
        """Download a version's folder to be ``into``, all of it or nothing, unless it is there; gives ``into``.

        Raises NotFoundError, StoreCorruptedError when what came is not of the version's digest.
        """
        ...
