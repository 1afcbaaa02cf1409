"""Runs over the jobs of a cloud: the cloud runs and keeps what steps write, records say what ran from what."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core import clock, digests
from ...core.errors import (
    CancelledError,
    GroundplanError,
    LockedError,
    NotFoundError,
    StepFailedError,
    StoreCorruptedError,
)
from ...core.suggestions import did_you_mean
from .. import graph, run_endings, run_ids
from ..contract.jobs import Job, Jobs, ScheduledJob, Submission
from ..contract.pipeline import ArtifactType, Pipeline, StepInput
from ..contract.records import Records
from ..contract.run import Artifact, CodeVersion, Notice, Observer, Run, RunRequest, RunStatus, StepRun
from . import artifacts, progress, run_records
from .artifacts import Artifacts
from .interruption import Interruption
from .lazily import Lazily
from .run_records import KeptRun, Newest, RunRecords
from .watching import Watch

SCHEDULE = "the cloud's schedule"
"""Who began a run that nobody typed."""

_COPY = "the copy that was at the cloud"
_TRIES = 20
_AGAIN = frozenset({"failed", "cancelled", "interrupted"})


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a request becomes: ``data`` maps each source to its digest, or to its place at the cloud.

    ``repeatable`` says that the same again would make the same, as where all data is known by its digest.
    """

    submission: Submission
    data: Mapping[str, str] = field(default_factory=dict[str, str])
    code: CodeVersion = field(default_factory=CodeVersion)
    repeatable: bool = True


class RecordedRuns:
    """Implements the lifecycle's Runs and Schedules Protocols; ``jobs`` by environment, ``folder`` this machine's.

    A run is on record before its job is submitted, under an id that is the job's as well: whoever comes after a kill,
    on whichever machine, goes on watching the job that is there.
    """

    def __init__(
        self,
        records: Records,
        jobs: Mapping[str, Jobs],
        *,
        prepare: Callable[[RunRequest], Prepared],
        folder: Path,
    ) -> None:
        """Nothing is asked yet."""
        self._kept = RunRecords(records)
        self._jobs = jobs
        self._artifacts = Artifacts(jobs=jobs, folder=folder)
        self._prepare = prepare

    def run(self, request: RunRequest, observer: Observer) -> Run:
        """Run a pipeline at the cloud; where nothing changed since its last run, give that run again.

        Raises StepFailedError, TimeoutReachedError, CancelledError; UsageError and DataError before anything started.
        """
        order = graph.validate(request.pipeline)
        prepared = self._pinned(self._prepare(request), request.environment)
        kept = self._begin(request, order, prepared, observer)
        if kept.run.status == "succeeded":
            observer(Notice(run_id=kept.run.id, text=f"nothing changed since run {kept.run.id}"))
            return self._artifacts.placed(kept)
        with Interruption() as interruption:
            kept = self._submitted(kept, prepared.submission)
            fetch_log = self._artifacts.log if request.show_logs else None
            kept = self._watched(kept, interruption, observer, fetch_log)
        return self._ended(kept)

    def started(self, request: RunRequest, *, since: str, until: str) -> Sequence[ScheduledJob]:
        """The jobs of the pipeline that its schedule started from one moment to another, oldest first."""
        submission = self._prepare(request).submission
        return self._artifacts.jobs[request.environment].scheduled(submission, since=since, until=until)

    def adopt(self, request: RunRequest, job: str, created: str, observer: Observer) -> Run | None:
        """Put a job that a schedule started on record as a run, once, and give it at its end.

        Its id follows from the job's, so that every machine finds the same run. None for one that somebody cancelled
        before. Raises StepFailedError, TimeoutReachedError, CancelledError.
        """
        order, prepared = graph.validate(request.pipeline), self._prepare(request)
        run = replace(
            _new_run(run_ids.of_job(job, created), request, order, prepared),
            started=created,
            data=_read_by_schedule(request.pipeline, prepared.data),
            user=SCHEDULE,
        )
        kept = self._looked(
            self._kept.adopt(
                KeptRun(run=run, key="", submission=prepared.submission, kinds=_kinds(request.pipeline), job=job)
            )
        )
        if kept.run.status == "cancelled":
            return None
        if kept.run.status == "running":
            with Interruption() as interruption:
                kept = self._watched(kept, interruption, observer, None)
        return self._ended(kept)

    def list(self) -> Sequence[Run]:
        """All runs, newest first, each read when it is taken; one whose record cannot be read is ``damaged``."""
        return Lazily(tuple(reversed(self._kept.ids())), self._read)

    def get(self, run_id: str) -> Run:
        """One run, by its id, an unambiguous start of it, or ``latest``. Raises NotFoundError, UsageError."""
        return self._artifacts.placed(self._looked(self._demand(run_ids.chosen(run_id, self._kept.ids()))))

    def log(self, run_id: str, step: str) -> Path:
        """What a step has printed so far, fetched to a file. Raises NotFoundError."""
        kept = self._looked(self._demand(run_ids.chosen(run_id, self._kept.ids())))
        run = kept.run
        if step not in run.steps:
            raise NotFoundError(f"run {run.id} has no step {step!r}", hint=did_you_mean(step, run.steps))
        if run.steps[step].status == "cached":
            raise NotFoundError(f"step {step!r} of run {run.id} was taken from the cache and has no log")
        if run.steps[step].log is None:
            raise NotFoundError(f"step {step!r} of run {run.id} did not start and has no log")
        return self._artifacts.log(kept, step)

    def described(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run with the digest of each of these outputs, which is on record once the output was fetched."""
        return self._with(run, outputs, self._artifacts.known)

    def fetched(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run with these outputs on this machine, whole. Raises StoreCorruptedError, NotFoundError."""
        if all(artifacts.is_whole(run, one) for one in outputs):
            return run
        return self._with(run, outputs, self._artifacts.here)

    def place(self, run_id: str, source: StepInput) -> str:
        """Where the cloud keeps an output of a run; "" where the run or the output is not there any more."""
        kept = self._kept.read(run_id)
        if kept is None:
            return ""
        try:
            return self._artifacts.place(kept, source)
        except NotFoundError:
            return ""

    def record(self, run: Run) -> Run:
        """Put a finished run into the cloud's experiments, once, and keep what is new in its record."""
        kept = self._demand(run.id)
        new = replace(kept.run, metrics=run.metrics, models=run.models, mlflow_run_id=kept.job)
        if new != kept.run or not kept.shown:
            self._artifacts.jobs_of(new).record(kept.job, new)
            kept = self._kept.change(run.id, lambda now: replace(now, run=_recorded(now.run, new), shown=True))
        return self._artifacts.placed(kept)

    def _pinned(self, prepared: Prepared, environment: str) -> Prepared:
        """With what each table holds now, in place of its name."""
        submission = self._jobs[environment].pinned(prepared.submission)
        held = {one.table: f"{one.table}@{one.version}" for one in submission.snapshots}
        return replace(
            prepared,
            submission=submission,
            data={name: held.get(place, place) for name, place in prepared.data.items()},
            repeatable=prepared.repeatable and all(one.version for one in submission.snapshots),
        )

    def _begin(self, request: RunRequest, order: Sequence[str], prepared: Prepared, observer: Observer) -> KeptRun:
        """The run that does what is asked: one that is there already, or a new one on record."""
        key = _key(request, prepared)
        for _ in range(_TRIES):
            newest = self._kept.newest(request.pipeline.name)
            found = self._usable(newest, key, request, prepared, observer)
            if found is not None:
                return found
            kept = KeptRun(
                run=_new_run(run_records.new(newest, key), request, order, prepared),
                key=key,
                submission=prepared.submission,
                kinds=_kinds(request.pipeline),
            )
            try:
                return self._kept.begin(kept, newest)
            except LockedError:  # somebody began another one meanwhile, which may be the same
                continue
        raise LockedError(
            f"others run {request.pipeline.name} all the time", hint="When it is calmer, run the command again."
        )

    def _usable(
        self, newest: Newest, key: str, request: RunRequest, prepared: Prepared, observer: Observer
    ) -> KeptRun | None:
        """The newest run, where it does or did what is asked."""
        if newest.kept is None:
            return None
        kept = self._looked(newest.kept)
        run, same = kept.run, kept.key == key
        if run.status == "succeeded":
            return kept if same and request.use_cache and prepared.repeatable else None
        goes_on = run.status == "running" or (run.status == "interrupted" and not kept.job)
        if goes_on and same and (request.use_cache or not kept.submission.use_cache):
            who = "" if run.user == request.user else f" by {run.user}"
            text = f"going on with run {run.id}, begun{who} at {clock.for_people(run.started)}"
            observer(Notice(run_id=run.id, text=text))
            return kept if run.status == "running" else replace(kept, run=replace(run, status="running", error=""))
        if run.status == "running":
            text = f"run {run.id}, begun by {run.user} from something else, goes on at the cloud"
            observer(Notice(run_id=run.id, text=text))
        elif run.status in _AGAIN and same:
            text = f"run {run.id} {run.status}; what it has done is in the cloud's cache"
            observer(Notice(run_id=run.id, text=text))
        return None

    def _submitted(self, kept: KeptRun, submission: Submission) -> KeptRun:
        """With its job, which is started unless it is there."""
        if kept.job:
            return kept
        run = kept.run
        try:
            job = self._artifacts.jobs_of(run).submit(run.id, submission)
        except KeyboardInterrupt as error:
            raise CancelledError(
                f"left run {run.id} while it was being submitted", hint="groundplan run goes on with it."
            ) from error
        except GroundplanError as error:
            text = error.message
            with contextlib.suppress(GroundplanError):
                self._kept.change(run.id, lambda now: _without_job(now, status="interrupted", error=text))
            raise
        return self._kept.change(run.id, lambda now: replace(_without_job(now, status="running", error=""), job=job))

    def _watched(
        self, kept: KeptRun, interruption: Interruption, observer: Observer,
        fetch_log: Callable[[KeptRun, str], object] | None,
    ) -> KeptRun:  # fmt: skip
        """The run at its end. Raises CancelledError for the second Ctrl-C, which does not wait for it."""
        watch = Watch(
            kept=kept,
            jobs=self._artifacts.jobs_of(kept.run),
            observer=observer,
            placed=self._artifacts.placed,
            fetch_log=fetch_log,
        )
        try:
            return self._settled(*watch.to_the_end(interruption))
        except KeyboardInterrupt as error:
            watch.cancel()
            raise watch.left() from error

    def _settled(self, kept: KeptRun, job: Job) -> KeptRun:
        """A run whose job has ended, on record with its metrics; as it is there where somebody else was first."""
        run = kept.run
        try:
            found = self._artifacts.metrics(kept)
        except StepFailedError as error:  # a file that holds no numbers, which on a laptop fails the step
            run, found = replace(run, status="failed", error=error.message), {}
        except NotFoundError as error:
            run, found = replace(run, error=run.error or error.message), {}
        tracked = self._artifacts.jobs_of(run).metrics(kept.job, kept.submission)
        run = replace(run, metrics={**tracked, **found})
        return self._kept.change(run.id, lambda now: replace(now, run=run if now.run.status == "running" else now.run))

    def _ended(self, kept: KeptRun) -> Run:
        """A run that has ended, with the logs of what failed. Raises what ``demand_success`` raises."""
        if kept.run.status == "failed":
            self._fetch_logs(kept)
        return run_endings.demand_success(self._artifacts.placed(kept))

    def _looked(self, kept: KeptRun) -> KeptRun:
        """The run as it is: one that is on record as running is looked at anew."""
        if kept.run.status != "running":
            return kept
        if not kept.job:
            return replace(kept, run=progress.without_job(kept.run))
        try:
            job = self._artifacts.jobs_of(kept.run).look(kept.job, kept.submission)
        except NotFoundError as error:
            return replace(kept, run=replace(kept.run, status="interrupted", error=error.message))
        kept = replace(kept, run=progress.advanced(kept, job))
        return kept if job.status == "running" else self._settled(kept, job)

    def _read(self, run_id: str) -> Run:
        try:
            return self._artifacts.placed(self._looked(self._demand(run_id)))
        except StoreCorruptedError as error:
            return run_ids.damaged(run_id, error.message)

    def _demand(self, run_id: str) -> KeptRun:
        kept = self._kept.read(run_id)
        if kept is None:
            raise NotFoundError(f"there is no run {run_id!r}", hint="groundplan runs list shows all.")
        return kept

    def _with(
        self, run: Run, outputs: Sequence[StepInput], find: Callable[[KeptRun, StepInput], Artifact | None]
    ) -> Run:
        kept = self._demand(run.id)
        found = {source: artifact for source in outputs if (artifact := find(kept, source)) is not None}
        self._kept.change(run.id, lambda now: replace(now, run=_with_outputs(now.run, found)))
        return _with_outputs(run, found)

    def _fetch_logs(self, kept: KeptRun) -> None:
        """Of the steps that failed, so that the error can show the last lines."""
        for name, step in kept.run.steps.items():
            if step.status in ("failed", "timed-out"):
                with contextlib.suppress(NotFoundError):
                    self._artifacts.log(kept, name)


def _key(request: RunRequest, prepared: Prepared) -> str:
    """The digest of all that decides what a run makes."""
    submission = prepared.submission
    return digests.of_value(
        {
            "environment": request.environment,
            "config": request.config_digest,
            "definition": submission.definition,
            "inputs": dict(submission.inputs),
            "data": [dict(submission.data), dict(prepared.data)],
            "uploads": sorted([one.uri, one.digest] for one in submission.uploads),
            "account": submission.account,
            "settings": dict(submission.settings),
        }
    )


def _new_run(run_id: str, request: RunRequest, order: Sequence[str], prepared: Prepared) -> Run:
    steps = request.pipeline.steps
    return Run(
        id=run_id,
        pipeline=request.pipeline.name,
        environment=request.environment,
        status="running",
        started=clock.to_text(clock.now()),
        steps={name: StepRun(name=name, status="waiting") for name in order},
        parameters={
            f"{name}.{parameter}": value for name in order for parameter, value in steps[name].parameters.items()
        },
        data=dict(prepared.data),
        code=prepared.code,
        config_digest=request.config_digest,
        user=request.user,
    )


def _kinds(pipeline: Pipeline) -> dict[str, dict[str, ArtifactType]]:
    return {name: dict(step.outputs) for name, step in pipeline.steps.items()}


def _read_by_schedule(pipeline: Pipeline, data: Mapping[str, str]) -> dict[str, str]:
    """What a scheduled job read: data of the cloud as a run reads it; of a file of the project whatever lies there."""
    return {
        name: _COPY if pipeline.sources[name].path or pipeline.sources[name].sklearn else known
        for name, known in data.items()
    }


def _without_job(kept: KeptRun, *, status: RunStatus, error: str) -> KeptRun:
    """The run so; as it is where somebody else has submitted it meanwhile."""
    return kept if kept.job else replace(kept, run=replace(kept.run, status=status, error=error))


def _recorded(run: Run, new: Run) -> Run:
    return replace(run, metrics=new.metrics, models=new.models, mlflow_run_id=new.mlflow_run_id)


def _with_outputs(run: Run, found: Mapping[StepInput, Artifact]) -> Run:
    steps = dict(run.steps)
    for source, artifact in found.items():
        step = steps[source.step]
        steps[source.step] = replace(step, outputs={**step.outputs, source.output: artifact})
    return replace(run, steps=steps)
