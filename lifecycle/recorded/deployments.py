"""What is on record of an endpoint: what should be served there, since when and by whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...core import clock
from ...core.errors import LockedError
from ..contract.deployment import Deployment, ServedModel
from ..contract.records import Records
from .documents import Document, Read, adapter
from .folders import path_of

_KIND = adapter(Deployment | None)


@dataclass(frozen=True, kw_only=True)
class DeploymentRecord:
    """The record of one endpoint; the folders of its models are below this machine's ``folder``."""

    records: Records
    endpoint: str
    folder: Path

    def read(self) -> Read[Deployment]:
        """What is on record. Raises StoreCorruptedError."""
        read = self._document.read()
        value = read.value
        return Read(value=None if value is None else _with_folders(value, self.folder), tag=read.tag)

    def write(self, deployment: Deployment | None, *, tag: str | None) -> str:
        """Put it on record; None: nothing is served. Raises LockedError that says who changed it meanwhile."""
        try:
            return self._document.write(None if deployment is None else _with_folders(deployment, None), tag=tag)
        except LockedError as error:
            now = self._document.read().value
            if now is None:
                raise
            at = f"{self.endpoint}@{now.settings.environment}"
            raise LockedError(
                f"what is served at {at} was changed meanwhile: {now.deployed_by} deployed {now.served.name} version "
                f"{now.served.version} there {clock.for_people(now.deployed)}",
                hint="Look at it: groundplan status; then run the command again.",
            ) from error

    @property
    def _document(self) -> Document[Deployment | None]:
        name = f"deployments/{self.endpoint}.json"
        return Document(records=self.records, name=name, kind=_KIND, what="a deployment")


def _with_folders(deployment: Deployment, folder: Path | None) -> Deployment:
    """With the models' folders of this machine, or of none: another machine keeps them elsewhere."""

    def placed(served: ServedModel) -> ServedModel:
        return replace(served, path=Path() if folder is None else path_of(folder, served.name, served.version))

    previous = deployment.previous
    return replace(
        deployment,
        served=placed(deployment.served),
        previous=None if previous is None else placed(previous),
        beside=tuple(placed(one) for one in deployment.beside),
    )
