"""The records of runs: what ran, as what job of the cloud; and of each pipeline the run that was begun last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core.errors import LockedError
from .. import run_ids
from ..contract.jobs import Submission
from ..contract.pipeline import ArtifactType
from ..contract.records import Records
from ..contract.run import Run
from .documents import Document, adapter

_FOLDER = "runs/"


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """A run as it is on record; paths of a machine are not.

    ``key`` is the digest of all that decides what the run makes, ``job`` the cloud's id, "" before there is one.
    ``kinds`` are the types of the outputs by step. ``shown``: the cloud's experiments have the run as it is here.
    """

    run: Run
    key: str
    submission: Submission
    kinds: Mapping[str, Mapping[str, ArtifactType]]
    job: str = ""
    shown: bool = False


@dataclass(frozen=True, kw_only=True)
class Begun:
    """The run of a pipeline that was begun last; its record comes after this one."""

    run_id: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Newest:
    """What was begun last as it was read: ``kept`` is None where its record did not come; ``tag`` to overtake it."""

    begun: Begun = field(default_factory=Begun)
    kept: KeptRun | None = None
    tag: str | None = None


_RUN = adapter(KeptRun)
_BEGUN = adapter(Begun)


@dataclass(frozen=True)
class RunRecords:
    """The runs of a project, a document each, by ids that sort by time."""

    records: Records

    def ids(self) -> Sequence[str]:
        """All ids, oldest first."""
        return [name.removeprefix(_FOLDER).removesuffix(".json") for name in self.records.names(_FOLDER)]

    def read(self, run_id: str) -> KeptRun | None:
        """A run; None where there is no record of it. Raises StoreCorruptedError."""
        return self._document(run_id).read().value

    def newest(self, pipeline: str) -> Newest:
        """What was begun last of a pipeline."""
        read = self._begun(pipeline).read()
        if read.value is None:
            return Newest(tag=read.tag)
        return Newest(begun=read.value, kept=self.read(read.value.run_id), tag=read.tag)

    def begin(self, kept: KeptRun, after: Newest) -> KeptRun:
        """Put a run on record as the newest of its pipeline. Raises LockedError when another one was begun meanwhile.

        The pipeline's document is written first: a kill between the two leaves an id that the next one takes.
        """
        if after.begun != Begun(run_id=kept.run.id, key=kept.key):
            self._begun(kept.run.pipeline).write(Begun(run_id=kept.run.id, key=kept.key), tag=after.tag)
        self._document(kept.run.id).write(_portable(kept), tag=None)
        return kept

    def adopt(self, kept: KeptRun) -> KeptRun:
        """Put a run on record whose job is there already; as it is there where somebody was first."""
        return self._document(kept.run.id).change(lambda now: now or _portable(kept))

    def change(self, run_id: str, change: Callable[[KeptRun], KeptRun]) -> KeptRun:
        """Change a record, whoever else does so too; what is the same is not written."""

        def changed(now: KeptRun | None) -> KeptRun:
            if now is None:
                raise LockedError(f"the record of run {run_id} is gone", hint="Somebody removed it from the storage.")
            return _portable(change(now))

        return self._document(run_id).change(changed)

    def _document(self, run_id: str) -> Document[KeptRun]:
        return Document(records=self.records, name=f"{_FOLDER}{run_id}.json", kind=_RUN, what=f"run {run_id}")

    def _begun(self, pipeline: str) -> Document[Begun]:
        return Document(
            records=self.records, name=f"pipelines/{pipeline}.json", kind=_BEGUN, what=f"the newest run of {pipeline}"
        )  # fmt: skip


def new(after: Newest, key: str) -> str:
    """The id of a run to begin: a new one, or the one that a kill left without a record."""
    return after.begun.run_id if after.kept is None and after.begun.key == key else run_ids.new()


def _portable(kept: KeptRun) -> KeptRun:
    """Without what only one machine has."""
    steps = {
        name: replace(
            step,
            log=None if step.log is None else Path(),
            outputs={port: replace(one, path=Path()) for port, one in step.outputs.items()},
        )
        for name, step in kept.run.steps.items()
    }
    return replace(kept, run=replace(kept.run, steps=steps), submission=replace(kept.submission, uploads=()))
