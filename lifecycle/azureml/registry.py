"""The registry of an Azure ML workspace: model folders in its datastore, versions, and what environments share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from ...core import clock
from ...core.errors import LockedError, NotFoundError, StoreCorruptedError, UsageError
from ...core.extras import load
from ..contract.registry import RegisteredVersion
from ..patience import Pace, Patience
from . import datastores, errors, folders
from .calls import Calls
from .client import registry_client
from .numbers import Numbers, beside
from .places import last

DIGEST = "groundplan.digest"
"""The property of a version that no later call can change."""
STAGES = "stages"
"""The tag that names the environments."""

_NUMBERS = 20
_Answer = TypeVar("_Answer")


class AzureMLRegistry:
    """Versions of models in a workspace, by its resource id; their folders are in its datastore ``datastore``.

    ``environment`` is the one that the workspace is of, ``registry`` what all environments share, "" for none.
    ``seconds`` bounds what waits for Azure.
    """

    def __init__(
        self,
        workspace: str,
        *,
        environment: str,
        registry: str = "",
        datastore: str = "artifacts",
        pace: Pace | None = None,
        seconds: float = 3600.0,
    ) -> None:
        self._seconds = seconds
        self._workspace = workspace
        self._environment = environment
        self._registry = registry
        self._datastore = datastore
        self._calls = Calls(pace or Pace())
        self._everybodys: Any = None

    def register(self, name: str, source: Path, *, digest: str, labels: Mapping[str, str]) -> RegisteredVersion:
        """Upload a model folder as the next version; the same digest again gives the version that it has.

        The folder is there before the version is, and its number is noted beside it before it is asked for: so nobody
        needs to look through all versions for a digest. A number that somebody else took meanwhile is left to them.
        """
        container = datastores.container(self._calls, self._workspace, self._datastore, seconds=self._seconds)
        numbers = Numbers(container, name, digest)
        noted = numbers.noted
        there = None if noted is None else self._found(name, noted)
        if there is not None and there.digest == digest:
            return there
        container.upload(source, _place(name, digest), doing=f"upload {name}")
        for free in islice(self._free(name, noted), _NUMBERS):
            made = self._register(name, numbers.note(free), digest, labels)
            if made is not None:
                return made
        raise LockedError(
            f"{_NUMBERS} numbers of {name} were taken by somebody else one after the other", where=self._workspace
        )

    def versions(self, name: str | None = None) -> Sequence[RegisteredVersion]:
        """All versions, of one model or of all that groundplan registered, newest first, page by page."""
        found = [one for model in ([name] if name else self._names()) for one in self._versions(model)]
        return sorted(
            (one for one in found if name or one.digest), key=lambda one: (one.created, one.version), reverse=True
        )

    def share(self, name: str, version: int, environment: str) -> None:
        """Copy a version into the registry that environments share, under the same name and number."""
        if not self._registry and environment == self._environment:
            return
        if not self._registry:
            raise UsageError(
                f"{environment} cannot load models of {self._environment}: no registry is shared between them",
                where=self._workspace,
                hint="Add registry to the config, then groundplan up.",
            )
        doing = f"share {name} version {version}"
        wanted = self._demanded(name, version)

        def act() -> bool:
            # Looked at each time: an earlier try, or a command that was killed, may have done it.
            if self._shared(name, version, wanted.digest, doing=doing):
                return True
            try:
                folders.silently(lambda: _within(lambda: self._import(name, version), self._seconds, doing=doing))
            except load("azure.ai.ml.exceptions").ValidationException:
                if not self._shared(name, version, wanted.digest, doing=doing):
                    raise
            return True

        if self._asked(act, doing=doing, role=errors.SHARER, judge=errors.post_again) is None:
            raise NotFoundError(
                f"the registry {self._registry}, from which every environment loads its models, is not there",
                where=self._registry,
                hint="groundplan up -e shared makes it.",
            )
        self._shared(name, version, wanted.digest, doing=doing)

    def mark(self, name: str, version: int, *, stages: Sequence[str], labels: Mapping[str, str]) -> None:
        """Show on Azure ML's own pages in which stages a version is; tags of somebody else stay."""
        doing = f"mark {name} version {version}"
        model = self._asked(lambda: self._models().get(name=name, version=str(version)), doing=doing)
        if model is None:
            raise self._missing(name, version)
        tags = {**_tags(model), **labels, STAGES: ",".join(stages)}
        if tags != _tags(model):
            model.tags = tags
            self._asked(lambda: self._models().create_or_update(model), doing=doing)

    def fetch(self, name: str, version: int, into: Path) -> Path:
        """Download a version's folder to be ``into``, all of it or nothing, unless it is there; gives ``into``."""
        if into.exists():
            return into
        wanted = self._demanded(name, version)
        doing = f"fetch {name} version {version}"

        def act(folder: Path) -> Path:
            to = {"name": name, "version": str(version), "download_path": str(folder)}
            download = partial(self._models().download, **to)
            self._asked(lambda: folders.silently(download), doing=doing, judge=errors.download_again)
            # It makes a folder with the name of the model, and the one that was uploaded inside it.
            inside = list((folder / name).glob("*"))
            return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder / name

        return folders.arrive(into, act, digest=wanted.digest, what=f"{name} version {version}")

    def _register(self, name: str, number: int, digest: str, labels: Mapping[str, str]) -> RegisteredVersion | None:
        """The version under this number, once its folder is there; None where somebody else has it."""
        core = load("azure.core.exceptions")
        model = load("azure.ai.ml.entities").Model(
            name=name,
            version=str(number),
            path=f"azureml://datastores/{self._datastore}/paths/{_place(name, digest)}",
            type="mlflow_model",
            properties={DIGEST: digest},
            tags=dict(labels),
        )
        try:
            return _version(self._models().create_or_update(model))
        except core.AzureError as error:
            there = self._found(name, number)
            if there is None or there.digest == digest:
                doing = f"register {name} version {number}"
                raise errors.translated(error, doing=doing, resource=self._workspace) from error
            return None

    def _free(self, name: str, noted: int | None) -> Iterator[int]:
        """The numbers to try: what a killed command noted, the one after the newest, then those after all there are."""
        if noted is not None:
            yield noted
        yield (last := self._newest(name) + 1)
        while True:
            yield (last := max([last, *(one.version for one in self._versions(name))]) + 1)

    def _newest(self, name: str) -> int:
        """The number of the version that was made last, by one request; 0 without any, or where it is no number."""

        def act() -> Any:
            try:
                return self._models().get(name=name, label="latest")
            except load("azure.ai.ml.exceptions").ValidationException:
                return None  # so the SDK says that there is none

        found = self._asked(act, doing=f"find the newest version of {name}")
        return int(found.version) if found is not None and str(found.version).isdecimal() else 0

    def _import(self, name: str, version: int) -> None:
        self._models().share(
            name=name,
            version=str(version),
            share_with_name=name,
            share_with_version=str(version),
            registry_name=self._registry,
        )

    def _names(self) -> list[str]:
        found = self._asked(
            lambda: [one.name for one in self._models().list(list_view_type=_all())], doing="list the models"
        )
        return found or []

    def _versions(self, name: str) -> list[RegisteredVersion]:
        def act() -> list[Any]:
            return list(self._models().list(name=name, list_view_type=_all()))

        found = self._asked(act, doing=f"list the versions of {name}") or []
        return [_version(one) for one in found if str(one.version).isdecimal()]

    def _found(self, name: str, version: int) -> RegisteredVersion | None:
        model = self._asked(
            lambda: self._models().get(name=name, version=str(version)), doing=f"look at {name} version {version}"
        )
        return None if model is None else _version(model)

    def _demanded(self, name: str, version: int) -> RegisteredVersion:
        found = self._found(name, version)
        if found is None:
            raise self._missing(name, version)
        return found

    def _missing(self, name: str, version: int) -> NotFoundError:
        return NotFoundError(f"no {name} version {version} in {last(self._workspace)}", where=self._workspace)

    def _shared(self, name: str, version: int, digest: str, *, doing: str) -> bool:
        """Whether the registry has the version. Raises StoreCorruptedError where it is another folder."""

        def act() -> Any:
            if self._everybodys is None:
                self._everybodys = registry_client(self._registry, self._calls.pace)
            return self._everybodys.models.get(name=name, version=str(version))

        model = self._asked(act, doing=doing, role=errors.SHARER)
        if model is None:
            return False
        found = _version(model).digest
        if found and found != digest:
            raise StoreCorruptedError(
                f"{name} version {version} in {self._registry} is another folder: expected {digest}, found {found}",
                where=self._registry,
                hint="Somebody registered it there otherwise; register the model anew, under a number that is free.",
            )
        return True

    def _models(self) -> Any:
        return self._calls.of(self._workspace).models

    def _asked(self, act: Callable[[], _Answer], *, doing: str, **how: Any) -> _Answer | None:
        """What a call gives; None when what it is about is not there."""
        patience = Patience(seconds=self._seconds, pace=self._calls.pace)
        return self._calls.found(act, patience, doing=doing, resource=self._workspace, **how)


def _place(name: str, digest: str) -> str:
    return f"{beside(name, digest)}/model"


def _version(model: Any) -> RegisteredVersion:
    tags: dict[str, str] = _tags(model)
    properties: Mapping[str, str] = model.properties or {}
    stages = tags.pop(STAGES, "")
    created = model.creation_context.created_at if model.creation_context else None
    return RegisteredVersion(
        name=model.name,
        version=int(model.version),
        digest=properties.get(DIGEST, ""),
        created=clock.to_text(created) if created else "",
        stages=tuple(one for one in stages.split(",") if one),
        labels=tags,
    )


def _tags(model: Any) -> dict[str, str]:
    return {**(model.tags or {})}


def _all() -> Any:
    """Archived versions have their numbers, too."""
    return load("azure.ai.ml.constants").ListViewType.ALL


def _within(act: Callable[[], None], seconds: float, *, doing: str) -> None:
    """Make a call that waits without a limit of its own."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 raised below, where it is waited for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Patience(seconds=0).over(doing)
    if failed:
        raise failed[0]
