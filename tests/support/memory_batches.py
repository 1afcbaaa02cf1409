"""Batch endpoints in memory, as strict as their Protocol; a job goes on with each look at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from groundplan.core.errors import NotFoundError
from groundplan.lifecycle.contract.batch import BatchJob, BatchPlace
from groundplan.lifecycle.contract.deployment import Machines, ServedModel

PLACE = BatchPlace(id="nightly", name="nightly", folder="memory://nightly", machines=Machines(type="small"))


@dataclass
class MemoryBatches:
    """``looks`` is after how many looks a job ends, ``fails`` how; ``meanwhile`` happens at each look."""

    looks: int = 2
    fails: str = ""
    meanwhile: Callable[[], None] = lambda: None
    deployed: list[int] = field(default_factory=list[int])
    jobs: dict[str, BatchJob] = field(default_factory=dict[str, BatchJob])
    submitted: list[str] = field(default_factory=list[str])
    cancelled: list[str] = field(default_factory=list[str])
    _answers: dict[str, list[object]] = field(default_factory=dict[str, list[object]])
    _seen: dict[str, int] = field(default_factory=dict[str, int])

    def deploy(self, place: BatchPlace, served: ServedModel, *, seconds: float) -> None:
        self.deployed.append(served.version)

    def submit(self, name: str, place: BatchPlace, served: ServedModel, rows: Sequence[Mapping[str, object]]) -> str:
        id = f"id-{name}"
        if id not in self.jobs:
            self.submitted.append(name)
            self.jobs[id] = BatchJob(id=id, status="running", url=f"https://cloud.example/{name}")
            self._answers[id] = [f"{served.version}:{sorted(row.items())}" for row in rows]
        return id

    def look(self, id: str, place: BatchPlace) -> BatchJob:
        self.meanwhile()
        if id not in self.jobs:
            raise NotFoundError(f"there is no job {id} any more")
        self._seen[id] = self._seen.get(id, 0) + 1
        job = self.jobs[id]
        if job.status == "running" and self._seen[id] >= self.looks:
            self.jobs[id] = job = replace(job, status="failed" if self.fails else "succeeded", error=self.fails)
        return job

    def cancel(self, id: str, place: BatchPlace) -> None:
        self.cancelled.append(id)
        self.jobs[id] = replace(self.jobs[id], status="cancelled")

    def predictions(self, name: str, id: str, place: BatchPlace, *, rows: int) -> Sequence[object]:
        if id not in self._answers or len(self._answers[id]) != rows:
            raise NotFoundError(f"what job {name} predicted is not there")
        return self._answers[id]

    def lose(self, name: str) -> None:
        """What a job predicted is deleted behind our back."""
        del self._answers[f"id-{name}"]
