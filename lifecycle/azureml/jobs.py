"""Pipelines of Azure ML as jobs: what ``up`` registered is started, looked at, and what it wrote is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from ...core import clock
from ...core.errors import NotFoundError
from ...core.extras import demand, load
from ..contract.jobs import Job, ScheduledJob, Submission, Upload
from ..contract.run import Run, StepRun
from ..patience import Again, Pace
from . import computes, definitions, errors, experiments, folders, histories, job_ends, job_files, uploads
from .calls import Calls

_MOST = 1000
"""So many jobs of a schedule are looked through; Azure ML lists the newest first."""

_Answer = TypeVar("_Answer")


class AzureMLJobs:
    """The jobs of a workspace, by its resource id; ``environment`` is the one that it is of.

    ``seconds`` bounds each upload and each download.
    """

    def __init__(self, workspace: str, *, environment: str, pace: Pace | None = None, seconds: float = 3600.0) -> None:
        self._workspace = workspace
        self._environment = environment
        self._seconds = seconds
        self._calls = Calls(pace or Pace())
        self._experiments = experiments.Experiments(self._calls, workspace)

    def pinned(self, submission: Submission) -> Submission:
        """The submission as it is: its data are files."""
        return submission

    def submit(self, run_id: str, submission: Submission) -> str:
        """Upload what is not there, start the job under the run's id, and give it; again is the job that is there."""
        if self._job(run_id) is not None:
            return run_id
        demand("mlflow")  # which records the run in the end
        component = definitions.demand(self._calls, self._workspace, submission, environment=self._environment)
        uploads.upload(self._calls, self._workspace, submission.uploads, seconds=self._seconds)
        data = {**submission.data, **self._assets(submission)}
        job = self._entity(run_id, component, submission, data)
        core = load("azure.core.exceptions")

        def act() -> None:
            try:
                self._jobs().create_or_update(job)
            except core.HttpResponseError as error:
                # An earlier try may have started it, whose answer was lost.
                if errors.status(error) not in (400, 409) or self._job(run_id) is None:
                    raise

        doing = f"run {submission.pipeline}"
        self._asked(act, doing=doing)
        # What was made is not always seen at once, and whoever looks at it next must not take it for gone.
        self._calls.looking().until(lambda: self._job(run_id) is not None, doing=doing)
        return run_id

    def look(self, id: str, submission: Submission) -> Job:
        """The job as it is now. Raises NotFoundError."""
        job = self._demanded(id)
        runs = histories.children(self._calls, self._workspace, id, submission.steps)
        status = job_ends.ENDS.get(job.status, "running")
        steps = {name: histories.step(name, one) for name, one in runs.items()}
        if status == "running":
            steps = computes.explained(self._calls, self._workspace, runs, steps)
        created = job.creation_context.created_at if job.creation_context else None
        services: Mapping[str, Any] = job.services or {}
        return Job(
            id=id,
            status=status,
            steps=histories.waiting(submission.steps, steps, ended=status != "running"),
            started=clock.to_text(created) if created else "",
            seconds=histories.seconds([*runs.values()]) if status != "running" else 0.0,
            error=self._error(id, steps) if status == "failed" else "",
            url=services["Studio"].endpoint if "Studio" in services else "",
        )

    def scheduled(self, submission: Submission, *, since: str, until: str) -> Sequence[ScheduledJob]:
        """The jobs that the pipeline's schedule, which has its name, started from one moment to another."""

        def act() -> list[Any]:
            jobs = self._jobs().list(schedule_defined=True, scheduled_job_name=submission.pipeline)
            return list(islice(jobs, _MOST))

        listed = self._asked(act, doing=f"look for what the schedule of {submission.pipeline} started") or []
        found = [(clock.to_text(one.creation_context.created_at), one.name) for one in listed if one is not None]
        within = sorted((when, name) for when, name in found if since <= when <= until)
        return [self._scheduled(name, when, submission) for when, name in within]

    def cancel(self, id: str) -> None:
        """Ask it to stop; one that has ended is fine. Raises NotFoundError."""
        if job_ends.is_ending(self._demanded(id).status):
            return

        def act() -> None:
            job_ends.cancel(self._jobs(), id, lambda: self._demanded(id).status)

        self._asked(act, doing=f"cancel the job {id}", judge=errors.post_again)

    def log(self, id: str, step: str, submission: Submission) -> str:
        """What a step has printed so far. Raises NotFoundError for a step that did not start."""
        found = self._step(id, step, submission)
        return "" if histories.reused(found) else job_files.log(self._calls, self._workspace, found.run_id, step=step)

    def fetch(self, id: str, step: str, output: str, submission: Submission, into: Path) -> Path:
        """Download an output to be ``into``, whole or not at all, unless it is there. Raises NotFoundError."""
        if into.exists():
            return into
        what, place = self._output(id, step, output, submission)
        return job_files.fetch(self._calls, self._workspace, place, what=what, into=into, seconds=self._seconds)

    def place(self, id: str, step: str, output: str, submission: Submission) -> str:
        """The URI of an output, which names its workspace. Raises NotFoundError."""
        return self._output(id, step, output, submission)[1].uri(self._workspace)

    def metrics(self, id: str, submission: Submission) -> Mapping[str, float]:
        """What the steps logged of themselves with MLflow, keyed ``step.name``, and what was recorded of the job."""
        runs = histories.children(self._calls, self._workspace, id, submission.steps)
        logged = {
            f"{step}.{name}": value
            for step, one in runs.items()
            if one.start_time_utc
            for name, value in self._experiments.metrics(histories.reused(one) or one.run_id).items()
        }
        return {**self._experiments.metrics(id), **logged}

    def record(self, id: str, run: Run) -> None:
        """Put a finished run's parameters, metrics and models to the job in the workspace's experiments."""
        self._experiments.record(id, run)

    def _entity(self, name: str, component: str, submission: Submission, data: Mapping[str, str]) -> Any:
        sdk = load("azure.ai.ml")
        files = {one: sdk.Input(type="uri_file", path=path, mode="ro_mount") for one, path in data.items()}
        settings = load("azure.ai.ml.entities").PipelineJobSettings(
            force_rerun=not submission.use_cache, continue_on_step_failure=False
        )
        return load("azure.ai.ml.entities").PipelineJob(
            name=name,
            display_name=submission.pipeline,
            experiment_name=submission.pipeline,
            component=component,
            inputs={**submission.inputs, **files},
            identity=load("azure.ai.ml").ManagedIdentityConfiguration(resource_id=submission.account),
            settings=settings,
            tags=dict(submission.labels),
        )

    def _scheduled(self, name: str, created: str, submission: Submission) -> ScheduledJob:
        """One of them, as it says itself what it runs: a list need not."""
        job = self._demanded(name)
        return ScheduledJob(
            id=name,
            created=created,
            status=job_ends.ENDS.get(job.status, "running"),
            same=definitions.name_of(str(job.component)) == submission.definition,
        )

    def _assets(self, submission: Submission) -> Mapping[str, str]:
        """The ids of the data assets by the inputs whose files they are."""
        listed = {one.uri: one for one in submission.uploads if one.asset}
        return {name: self._asset(listed[uri]) for name, uri in submission.data.items() if uri in listed}

    def _asset(self, file: Upload) -> str:
        """The id of the data asset of an uploaded file, made where it is not there; its version is of the digest."""
        version = file.digest.removeprefix("sha256:")[:16]
        data = self._calls.of(self._workspace).data
        doing = f"list {file.asset} as a data asset"
        if self._asked(lambda: data.get(name=file.asset, version=version), doing=doing) is None:
            entity = load("azure.ai.ml.entities").Data(
                name=file.asset,
                version=version,
                type="uri_file",
                path=file.uri,
                properties={"groundplan.digest": file.digest},
            )
            self._asked(lambda: data.create_or_update(entity), doing=doing)
        return f"{self._workspace}/data/{file.asset}/versions/{version}"

    def _output(self, id: str, step: str, output: str, submission: Submission) -> tuple[str, job_files.Place]:
        """An output in words, and where it is. Raises NotFoundError."""
        port, _, below = submission.outputs[f"{step}.{output}"].partition("/")
        found = self._step(id, step, submission)
        what = f"the output {output} of step {step}"
        run = histories.reused(found) or found.run_id
        return what, job_files.place(self._calls, self._workspace, run, port, below=below, what=what)

    def _step(self, id: str, step: str, submission: Submission) -> Any:
        """The run of a step. Raises NotFoundError for one that did not start."""
        found = histories.children(self._calls, self._workspace, id, submission.steps).get(step)
        if found is None or (found.start_time_utc is None and not histories.reused(found)):
            raise NotFoundError(f"step {step} has not started", where=f"{self._workspace}/jobs/{id}")
        return found

    def _error(self, id: str, steps: Mapping[str, StepRun]) -> str:
        """What went wrong: which steps failed, else what the run history says of the job itself."""
        failed = [f"step {name}: {one.error}" for name, one in steps.items() if one.status == "failed"]
        if failed:
            return "; ".join(failed)
        found = histories.run(self._calls, self._workspace, id)
        return "" if found is None else histories.said(found)

    def _demanded(self, id: str) -> Any:
        job = self._job(id)
        if job is None:
            raise NotFoundError(f"there is no job {id}", where=self._workspace)
        return job

    def _job(self, id: str) -> Any:
        return self._asked(lambda: self._jobs().get(id), doing=f"look at the job {id}")

    def _jobs(self) -> Any:
        return self._calls.of(self._workspace).jobs

    def _asked(
        self,
        act: Callable[[], _Answer],
        *,
        doing: str,
        judge: Callable[[Exception], Again | None] = errors.again,
    ) -> _Answer | None:
        """What a call gives; None when what it is about is not there."""
        return self._calls.found(
            lambda: folders.silently(act),
            self._calls.looking(),
            doing=doing,
            resource=self._workspace,
            role=errors.RUNNER,
            judge=judge,
        )
