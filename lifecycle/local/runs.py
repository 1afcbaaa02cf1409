"""The laptop's runs: plans a run, goes on from what is done, keeps the experiment log."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...core import clock
from ...core.errors import NotFoundError
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from .. import run_endings
from ..contract.pipeline import StepInput
from ..contract.run import Notice, Observer, Run, RunRequest, StepRun
from .running import code_version, step_plan
from .running.cache import Cache
from .running.run_records import RunRecords
from .running.runner import Runner
from .running.step_plan import Known, Plan

_RESUMABLE = frozenset({"failed", "cancelled", "interrupted"})


class LocalRuns:
    """Implements the lifecycle's Runs on this machine; whoever calls ``run`` or ``record`` alone trains."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._records = RunRecords(layout)
        self._cache = Cache(layout)

    def run(self, request: RunRequest, observer: Observer) -> Run:
        """Run a pipeline; where nothing changed since its last run, give that run again without making one.

        Raises StepFailedError, TimeoutReachedError, CancelledError; UsageError and DataError before anything started.
        """
        plan = step_plan.make(request, self._layout)
        known = step_plan.look_up(plan, self._cache) if request.use_cache else Known()
        for run in self._records.settle_interrupted():
            observer(Notice(run_id=run.id, text=f"run {run.id} was interrupted"))
        earlier = next((run for run in self._records.all() if run.pipeline == request.pipeline.name), None)
        if earlier is not None and step_plan.is_repetition(plan, known, earlier):
            observer(Notice(run_id=earlier.id, text=f"nothing changed since run {earlier.id}"))
            return earlier
        run = self._new_run(plan)
        if earlier is not None and earlier.status in _RESUMABLE and known.keys:
            done = f"{len(known.keys)} of {len(plan.order)} steps are done"
            observer(Notice(run_id=run.id, text=f"continuing run {earlier.id}: {done}"))
        with self._records.owned(run.id):
            runner = Runner(run, plan, known, records=self._records, cache=self._cache, observer=observer)
            finished = runner.execute()
        return run_endings.demand_success(finished)

    def list(self) -> Sequence[Run]:
        """All runs, newest first; one whose record cannot be read has the status ``damaged``."""
        return self._records.all()

    def get(self, run_id: str) -> Run:
        """One run, by its id, an unambiguous start of it, or ``latest``. Raises NotFoundError, UsageError."""
        return self._records.get(run_id)

    def log(self, run_id: str, step: str) -> Path:
        """The log file of a step. Raises NotFoundError."""
        run = self.get(run_id)
        if step not in run.steps:
            raise NotFoundError(f"run {run.id} has no step {step!r}", hint=did_you_mean(step, run.steps))
        path = self._records.log(run.id, step)
        if path.is_file():
            return path
        if run.steps[step].status == "cached":
            made_by = next((one.id for one in self.list() if _made(one, run.steps[step])), None)
            hint = f"groundplan runs logs {made_by} {step}" if made_by else "The run that made it is gone."
            raise NotFoundError(f"step {step!r} of run {run.id} was taken from the cache and has no log", hint=hint)
        raise NotFoundError(f"step {step!r} of run {run.id} did not start and has no log")

    def described(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run as it is: what its steps wrote is on this machine, and known."""
        return run

    def record(self, run: Run) -> Run:
        """Put a finished run into MLflow's tracking store, once, and keep what is new in its record."""
        from .running import experiment_log

        if not run.mlflow_run_id:
            run = replace(run, mlflow_run_id=experiment_log.record(run, self._layout))
        if run != self._records.read(run.id):
            self._records.save(run)
        return run

    def _new_run(self, plan: Plan) -> Run:
        request = plan.request
        return Run(
            id=self._records.new_id(),
            pipeline=request.pipeline.name,
            environment=request.environment,
            status="running",
            started=clock.to_text(clock.now()),
            steps={name: StepRun(name=name, status="waiting") for name in plan.order},
            parameters={
                f"{name}.{parameter}": value
                for name in plan.order
                for parameter, value in plan.step(name).parameters.items()
            },
            data={source: digest for source, (_, digest) in plan.data.items()},
            code=code_version.of_steps(request.root, plan.codes),
            config_digest=request.config_digest,
            user=request.user,
            python=platform.python_version(),
            packages=code_version.packages(),
        )


def _made(run: Run, step: StepRun) -> bool:
    other = run.steps.get(step.name)
    return other is not None and other.status == "succeeded" and other.key == step.key
