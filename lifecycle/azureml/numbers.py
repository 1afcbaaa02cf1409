"""Which number a model folder has in the registry: noted beside the folder before the version is made."""

from __future__ import annotations

from ...core.errors import LockedError
from ..contract.records import Record
from .blobs import Container
from .records import AzureMLRecords

_NAME = "version"


class Numbers:
    """The note beside the folder of one digest; two commands that register it at once come to one number."""

    def __init__(self, container: Container, name: str, digest: str) -> None:
        """Reads the note."""
        self._records = AzureMLRecords.within(container, f"{beside(name, digest)}/")
        self._there = self._records.read(_NAME)

    @property
    def noted(self) -> int | None:
        """The number that it has or was about to get; None before the first try."""
        return int(self._there.text) if self._there is not None and self._there.text.isdecimal() else None

    def note(self, number: int) -> int:
        """Note the number that is about to be asked for; gives the one that another command noted first."""
        if number != self.noted:
            self._there = self._written(number)
        return self.noted or number

    def _written(self, number: int) -> Record | None:
        try:
            return self._records.write(_NAME, str(number), tag=None if self._there is None else self._there.tag)
        except LockedError:
            return self._records.read(_NAME)


def beside(name: str, digest: str) -> str:
    """The folder in which the model's own folder is, and what is known of it."""
    return f"groundplan-models/{name}/{digest.removeprefix('sha256:')}"
