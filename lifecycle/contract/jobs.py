"""Jobs: a pipeline that ``up`` registered, started at a cloud, looked at until it ends, and what it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from .run import Run, StepRun

JobStatus = Literal["running", "succeeded", "failed", "cancelled"]
"""running: also while it waits for machines."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of this machine that has to be at the cloud: at ``uri``, with this digest.

    ``asset`` is the name under which the cloud lists it as data, "" for what it does not list.
    """

    uri: str
    path: Path
    digest: str
    asset: str = ""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A table of the cloud as it was at a moment, which is a file at ``uri`` before a job starts.

    ``version`` names what the table holds, and is "" where nothing says whether that changed. ``moment`` is RFC 3339,
    "" for the table as it is when it is copied.
    """

    table: str
    uri: str
    version: str = ""
    moment: str = ""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A registered pipeline with all that a job of it is given, in the cloud's own names.

    ``definition`` is the id of the component or the URI of the template, whose name holds the digest of what was
    compiled. ``inputs`` are the pipeline's parameters, ``data`` the URI of each data source by its input. ``steps``
    are the config's steps by the cloud's tasks, ``outputs`` the cloud's ports by ``step.output``. ``uploads`` and
    ``snapshots`` must be there before it starts; ``tables`` are the inputs whose data is a table, each with the folder
    for its snapshots. ``account`` is the identity that it acts as, ``settings`` what else the cloud's job takes.
    """

    pipeline: str
    definition: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    data: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    uploads: tuple[Upload, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    snapshots: tuple[Snapshot, ...] = ()
    account: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    use_cache: bool = True


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as the cloud has it now; ``steps`` by the config's names, ``url`` the cloud's own page of it."""

    id: str
    status: JobStatus
    steps: Mapping[str, StepRun] = field(default_factory=dict[str, StepRun])
    started: str = ""
    seconds: float = 0.0
    error: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """A job that the cloud's own schedule of a pipeline started; ``created`` by the cloud's clock.

    ``same``: it runs the very definition that was asked about.
    """

    id: str
    created: str
    status: JobStatus
    same: bool


class Jobs(Protocol):
    """The jobs of one environment. Every call raises AuthenticationError, ResourceFailedError, TimeoutReachedError."""

    def pinned(self, submission: Submission) -> Submission:
        """The submission with a snapshot of what each of its tables holds now. Raises NotFoundError, DataError."""
        ...

    def submit(self, run_id: str, submission: Submission) -> str:
        """Upload what is not there, start the job, and give its id; the same ``run_id`` again gives the job it has.

        Raises NotFoundError, with ``groundplan up`` as the way out, where the definition is not registered.
        """
        ...

    def look(self, id: str, submission: Submission) -> Job:
        """The job as it is now. Raises NotFoundError."""
        ...

    def scheduled(self, submission: Submission, *, since: str, until: str) -> Sequence[ScheduledJob]:
        """The jobs that the pipeline's schedule started from one moment to another, oldest first."""
        ...

    def cancel(self, id: str) -> None:
        """Ask it to stop; one that has ended is fine."""
        ...

    def log(self, id: str, step: str, submission: Submission) -> str:
        """What a step has printed so far. Raises NotFoundError for a step that did not start."""
        ...

    def fetch(self, id: str, step: str, output: str, submission: Submission, into: Path) -> Path:
        """Download an output of a step to be ``into``, a file or a folder as on a laptop, all of it or nothing.

        Raises NotFoundError.
        """
        ...

    def place(self, id: str, step: str, output: str, submission: Submission) -> str:
        """Where the cloud keeps an output of a step: the file, or the folder of a model; in the cloud's own words.

        Azure ML: ``azureml://subscriptions/…/resourcegroups/…/workspaces/…/datastores/NAME/paths/PATH``. Vertex AI:
        ``gs://BUCKET/PATH``. Raises NotFoundError for what was not written.
        """
        ...

    def metrics(self, id: str, submission: Submission) -> Mapping[str, float]:
        """What the steps logged of themselves, as the cloud's own experiment tracking has it, keyed ``step.name``."""
        ...

    def record(self, id: str, run: Run) -> None:
        """Put a finished run's parameters, metrics and models where the cloud shows experiments. Again is once."""
        ...
