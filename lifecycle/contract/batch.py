"""Batch endpoints: a version works through rows as a job of the cloud, and what it predicted is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .deployment import EndpointSettings, Machines, ServedModel
from .jobs import JobStatus


@dataclass(frozen=True, kw_only=True)
class BatchPlace:
    """Where a batch endpoint works. ``id`` is the endpoint's, or of the place of its jobs where a cloud has no such.

    ``folder`` is the URI below which rows and predictions lie, ``compute`` the id of machines that are there already.
    ``gpus`` of the kind ``gpu`` are in each machine. ``account`` is whom its jobs act as, ``key`` what encrypts.
    """

    id: str
    name: str
    folder: str
    machines: Machines
    compute: str = ""
    gpu: str = ""
    gpus: int = 0
    account: str = ""
    key: str = ""
    seconds: int = 30
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class BatchJob:
    """A job as the cloud has it now; ``url`` is the cloud's own page of it."""

    id: str
    status: JobStatus
    error: str = ""
    url: str = ""


class BatchEndpoints(Protocol):
    """The batch endpoints of a cloud. Every call raises AuthenticationError, ResourceFailedError, TimeoutReachedError.

    Rows have the names of the model's columns. ``name`` is a job's own, given by the caller.
    """

    def deploy(self, place: BatchPlace, served: ServedModel, *, seconds: float) -> None:
        """Let this version work from now on, as far as the cloud must know. Again is the same as once.

        Raises NotFoundError where the endpoint or the version is not there.
        """
        ...

    def submit(self, name: str, place: BatchPlace, served: ServedModel, rows: Sequence[Mapping[str, object]]) -> str:
        """Upload the rows, start the job, and give its id; the same name again gives the job that it has.

        Raises NotFoundError where the version is not deployed.
        """
        ...

    def look(self, id: str, place: BatchPlace) -> BatchJob:
        """The job as it is now. Raises NotFoundError."""
        ...

    def cancel(self, id: str, place: BatchPlace) -> None:
        """Ask it to stop; one that has ended is fine."""
        ...

    def predictions(self, name: str, id: str, place: BatchPlace, *, rows: int) -> Sequence[object]:
        """What a job that succeeded predicted, in the order of its rows.

        Raises NotFoundError where it is gone, ResourceFailedError where rows have none.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class TurnedBack:
    """A version that was turned back, and why; ``logged`` once its stage and the audit log say so, too."""

    id: str
    version: int
    reason: str
    logged: bool = False


@dataclass(frozen=True, kw_only=True)
class BatchDeployment:
    """Which version a batch endpoint works with, since when and by whom.

    ``previous`` worked before it, ``earlier`` before that one, oldest first; a version that was turned back is not
    among them. ``turned`` is what it was brought back in place of.
    """

    endpoint: str
    environment: str
    served: ServedModel
    deployed: str
    deployed_by: str
    previous: ServedModel | None = None
    earlier: tuple[ServedModel, ...] = ()
    turned: TurnedBack | None = None

    @property
    def before(self) -> tuple[ServedModel, ...]:
        """All versions that worked before and were not turned back, oldest first."""
        return self.earlier if self.previous is None else (*self.earlier, self.previous)


@dataclass(frozen=True, kw_only=True)
class LastJob:
    """The job that was begun last, by its own name; ``url`` is the cloud's own page of it while it works."""

    name: str
    status: JobStatus
    version: int
    rows: int
    begun: str
    begun_by: str
    error: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class BatchState:
    """A batch endpoint as it is: what works there, where, and the job that was begun last."""

    deployment: BatchDeployment
    place: BatchPlace
    job: LastJob | None


class Batches(Protocol):
    """The batch endpoints of all environments, and which version each works with."""

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> BatchDeployment:
        """Let this version work at the endpoint from its next job on. Raises LockedError, NotFoundError."""
        ...

    def deployment(self, name: str, environment: str) -> BatchDeployment:
        """What works there. Raises NotFoundError."""
        ...

    def turn_back(self, there: BatchDeployment, served: ServedModel, *, who: str, reason: str) -> BatchDeployment:
        """Let a version work again in place of the one that does, which is ``turned`` back then and not yet logged.

        Raises LockedError where what works is no longer ``there``, NotFoundError.
        """
        ...

    def settle(self, deployment: BatchDeployment) -> BatchDeployment:
        """Put on record that what it turned back is logged. Raises LockedError."""
        ...

    def states(self) -> Sequence[BatchState]:
        """Every batch endpoint at which a version works; a job at work is looked at."""
        ...

    def row_schema(self, deployment: BatchDeployment) -> Mapping[str, object]:
        """The JSON schema of one row, as the model's own signature says it."""
        ...

    def predict(
        self,
        deployment: BatchDeployment,
        rows: Sequence[Mapping[str, object]],
        *,
        who: str,
        told: Callable[[str], None],
    ) -> Sequence[object]:
        """Predict for rows by a job of the cloud, waited for; the same rows and version again take up that job.

        Ctrl-C cancels it. Raises CancelledError, ResourceFailedError.
        """
        ...
