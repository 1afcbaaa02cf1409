"""Jobs on Vertex AI: the template that ``up`` uploaded runs as a pipeline job, once for each run of groundplan's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ...core.errors import NotFoundError
from ...core.extras import load
from ..contract.jobs import Job, ScheduledJob, Submission
from ..contract.run import Run
from ..patience import Pace, Patience
from . import datasets, job_outputs, job_states, log_entries, naming, templates
from .calls import Calls
from .client import CALL_SECONDS
from .experiments import Experiments
from .tables import Tables

_LOOKING_SECONDS = 600.0
_METRICS = "system.Metrics"
_PAGE = 100
_MOST = 1000
"""So many jobs are looked through, the newest: more are in no window between two retrainings."""


class VertexJobs:
    """Pipeline jobs of a product's environment: ``location`` is ``projects/P/locations/R``.

    ``seconds`` bounds what uploads and downloads.
    """

    def __init__(
        self, location: str, *, product: str, environment: str, pace: Pace | None = None, seconds: float = 3600.0
    ) -> None:
        self._location = location
        self._product = product
        self._environment = environment
        self._pace = pace
        self._seconds = seconds
        self._calls = Calls(pace)
        self._tables = Tables(project=location.split("/")[1], calls=self._calls, pace=pace)
        self._experiments = Experiments(self._calls, location, product, environment)

    def pinned(self, submission: Submission) -> Submission:
        """The submission with a snapshot of what each of its tables holds now. Raises NotFoundError, DataError."""
        snapshots = {
            input: self._tables.snapshot(submission.data[input], folder, self._looking())
            for input, folder in submission.tables.items()
        }
        return replace(
            submission,
            data={**submission.data, **{input: one.uri for input, one in snapshots.items()}},
            snapshots=tuple(snapshots.values()),
        )

    def submit(self, run_id: str, submission: Submission) -> str:
        """Upload what is not there, start the job, and give its id; the same ``run_id`` again gives the job it has."""
        name = f"{self._location}/pipelineJobs/{naming.job_id(self._product, self._environment, run_id)}"
        patience = self._calls.patience(self._seconds)
        if self._found(name, patience) is not None:
            return name
        template = templates.read(submission, self._environment, patience, self._pace)
        for one in submission.uploads:
            datasets.upload(one, patience, self._pace)
            key = submission.settings.get("kms_key", "")
            datasets.register(self._calls, self._location, self._product, one, key, patience)
        for one in submission.snapshots:
            self._tables.copy(one, patience)
        self._start(name, templates.job(submission, template), submission, patience)
        return name

    def look(self, id: str, submission: Submission) -> Job:
        """The job as it is now. Raises NotFoundError."""
        return job_states.job(id, self._existing(id, self._looking()), submission)

    def scheduled(self, submission: Submission, *, since: str, until: str) -> Sequence[ScheduledJob]:
        """The jobs that the pipeline's schedule started from one moment to another, oldest first."""
        title = submission.settings["display_name"]
        wanted = {
            "parent": self._location,
            "filter": f'display_name="{title}" AND create_time>="{since}" AND create_time<="{until}"',
            "order_by": "create_time desc",
            "page_size": _PAGE,
        }

        def act() -> list[Any]:
            pipelines = self._calls.of(self._location).pipelines
            return list(islice(pipelines.list_pipeline_jobs(wanted, timeout=CALL_SECONDS, retry=None), _MOST))

        found = self._calls.ask(act, self._looking(), doing="look for scheduled jobs", resource=self._location)
        # Vertex AI calls the project by its number there; a run names its job as everywhere else.
        names = {f"{self._location}/pipelineJobs/{one.name.rpartition('/')[2]}": one for one in reversed(found)}
        return [job_states.scheduled(name, one, submission) for name, one in names.items() if one.schedule_name]

    def cancel(self, id: str) -> None:
        """Ask it to stop; one that has ended is fine."""
        patience = self._looking()
        api = load("google.api_core.exceptions")
        bad, missing = api.BadRequest, api.NotFound

        def act() -> None:
            try:
                self._calls.of(id).pipelines.cancel_pipeline_job(name=id, timeout=CALL_SECONDS, retry=None)
            except missing as error:
                raise _absent(id) from error
            except bad:
                # Refused since it has ended, or is about to.
                if self._existing(id, patience).state.name in ("PIPELINE_STATE_RUNNING", "PIPELINE_STATE_PENDING"):
                    raise

        self._calls.ask(act, patience, doing="cancel the job", resource=id)

    def log(self, id: str, step: str, submission: Submission) -> str:
        """What a step has printed so far, of all its attempts; nothing for one whose results were there already."""
        patience = self._looking()
        task = self._task(id, step, submission, patience)
        container = task.executor_detail.container_detail
        ids = [one.rpartition("/")[2] for one in (*container.failed_main_jobs, container.main_job) if one]
        if not ids and task.state.name != "SKIPPED":
            raise NotFoundError(f"step {step} has not started", where=id)
        if not ids:
            return ""
        wanted = f'resource.type="ml_job" AND resource.labels.job_id={log_entries.any_of(ids)}'
        entries = log_entries.read(self._calls, id, wanted, patience, order="asc")
        return "".join(f"{log_entries.message(one)}\n" for one in entries)

    def fetch(self, id: str, step: str, output: str, submission: Submission, into: Path) -> Path:
        """Download an output of a step to be ``into``, all of it or nothing. Raises NotFoundError."""
        patience, what = self._calls.patience(self._seconds), f"{step}.{output}"
        artifact = self._artifact(id, step, output, submission, patience)
        return job_outputs.bring(artifact.uri, artifact.schema_title, into, patience, self._pace, what=what)

    def place(self, id: str, step: str, output: str, submission: Submission) -> str:
        """The URI of an output in its bucket. Raises NotFoundError."""
        artifact = self._artifact(id, step, output, submission, self._looking())
        return job_outputs.place(artifact.uri, artifact.schema_title)

    def metrics(self, id: str, submission: Submission) -> Mapping[str, float]:
        """What the steps' metrics have of numbers in the metadata store, and what Vertex AI Experiments shows."""
        patience = self._looking()
        tasks = job_states.tasks(self._existing(id, patience), submission)
        logged = {f"{step}.{name}": value for step, task in tasks.items() for name, value in _numbers(task).items()}
        run_id = id.rpartition("/")[2].removeprefix(naming.job_id(self._product, self._environment, ""))
        return {**logged, **self._experiments.metrics(submission.pipeline, run_id, patience)}

    def record(self, id: str, run: Run) -> None:
        """Put a finished run's parameters, metrics and models into Vertex AI Experiments. Again is once."""
        patience = self._looking()
        context = self._existing(id, patience).job_detail.pipeline_run_context.name
        self._experiments.record(run, context, patience)

    def _start(self, name: str, job: Any, submission: Submission, patience: Patience) -> None:
        conflict = load("google.api_core.exceptions").Conflict

        def act() -> None:
            try:
                self._calls.of(name).pipelines.create_pipeline_job(
                    parent=self._location, pipeline_job=job, pipeline_job_id=name.rpartition("/")[2],
                    timeout=CALL_SECONDS, retry=None,
                )  # fmt: skip
            except conflict:
                # Over HTTP that is what is there already, and what is worked on: an earlier try did it, or nobody yet.
                if self._found(name, patience) is None:
                    raise

        doing = f"run {submission.pipeline}"
        machines = submission.settings.get("machines", "")
        self._calls.ask(act, patience, doing=doing, resource=name, machines=machines)
        # Vertex AI may show it a moment later; whoever looks for it then would think that it is gone.
        patience.until(lambda: self._found(name, patience) is not None, doing=doing)

    def _artifact(self, id: str, step: str, output: str, submission: Submission, patience: Patience) -> Any:
        port = submission.outputs.get(f"{step}.{output}", "")
        written = self._task(id, step, submission, patience).outputs
        if port not in written or not written[port].artifacts:
            raise NotFoundError(f"step {step} wrote no {output}", where=id)
        return written[port].artifacts[0]

    def _task(self, id: str, step: str, submission: Submission, patience: Patience) -> Any:
        task = job_states.tasks(self._existing(id, patience), submission).get(step)
        if task is None:
            raise NotFoundError(f"step {step} has not started", where=id)
        return task

    def _existing(self, id: str, patience: Patience) -> Any:
        found = self._found(id, patience)
        if found is None:
            raise _absent(id)
        return found

    def _found(self, id: str, patience: Patience) -> Any:
        def act() -> Any:
            return self._calls.of(id).pipelines.get_pipeline_job(name=id, timeout=CALL_SECONDS, retry=None)

        return self._calls.found(act, patience, doing="look at the job", resource=id)

    def _looking(self) -> Patience:
        return self._calls.patience(_LOOKING_SECONDS)


def _absent(id: str) -> NotFoundError:
    return NotFoundError(
        f"there is no job {id.rpartition('/')[2]}", where=id, hint="groundplan runs list shows what there is."
    )


def _numbers(task: Any) -> dict[str, float]:
    """The numbers that the metadata store has of a task's metrics."""
    kept: list[Mapping[str, Any]] = [
        one.metadata or {}
        for written in task.outputs.values()
        for one in written.artifacts
        if one.schema_title == _METRICS
    ]
    return {name: float(value) for one in kept for name, value in one.items() if isinstance(value, int | float)}
