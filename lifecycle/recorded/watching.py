"""Watches a job to its end: tells what changes, less often the longer nothing does, and cancels when asked to."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from ...core.errors import CancelledError, GroundplanError, NotFoundError
from ..contract.jobs import Job, Jobs
from ..contract.run import Notice, Observer, Run, StepEvent
from ..patience import Pace
from . import progress
from .interruption import Interruption
from .run_records import KeptRun


@dataclass(kw_only=True)
class Watch:
    """A run whose job is at the cloud; ``placed`` gives a run the paths of this machine.

    ``fetch_log`` brings what a step has printed to this machine; without it nobody asks.
    """

    kept: KeptRun
    jobs: Jobs
    observer: Observer
    placed: Callable[[KeptRun], Run]
    fetch_log: Callable[[KeptRun, str], object] | None = None
    cancelled: bool = False

    def to_the_end(self, interruption: Interruption) -> tuple[KeptRun, Job]:
        """Look until the job has ended; a stop that is asked for cancels it, and is waited for as well."""
        pace, pauses, job = Pace(), 0, self._look()
        if job.url:
            self._tell(f"run {self.kept.run.id} at the cloud: {job.url}")
        while job.status == "running":
            if interruption.asked and not self.cancelled:
                self._tell(f"cancelling run {self.kept.run.id}; once more to leave at once")
                self.cancel()
            interruption.wait(pace.pause(pauses))
            before, job = self.kept.run, self._look()
            pauses = 0 if progress.changed(before, self.kept.run) else pauses + 1
        return self.kept, job

    def cancel(self) -> None:
        """Ask the cloud to stop it, once."""
        if not self.cancelled:
            self.jobs.cancel(self.kept.job)
            self.cancelled = True

    def left(self) -> CancelledError:
        """The error of leaving before the job has ended."""
        return CancelledError(
            f"left run {self.kept.run.id}, which is being cancelled at the cloud",
            hint=f"groundplan runs show {self.kept.run.id}  says when it has ended; groundplan run goes on from there.",
        )

    def _look(self) -> Job:
        job = self.jobs.look(self.kept.job, self.kept.submission)
        before = self.kept.run
        self.kept = replace(self.kept, run=progress.advanced(self.kept, job))
        news = progress.changed(before, self.placed(self.kept))
        self._fetch_logs({step.name for step in news})
        for step in news:
            self.observer(StepEvent(run_id=self.kept.run.id, step=step))
        return job

    def _fetch_logs(self, changed: AbstractSet[str]) -> None:
        """Of the steps that print, or have just ended; where that is refused the run is watched without."""
        for name, step in self.kept.run.steps.items():
            if self.fetch_log is None or step.log is None or (step.status != "running" and name not in changed):
                continue
            try:
                self.fetch_log(self.kept, name)
            except NotFoundError:  # it has printed nothing yet
                continue
            except GroundplanError as error:
                self.fetch_log = None
                self._tell(f"what the steps print is not shown: {error.message}")

    def _tell(self, text: str) -> None:
        self.observer(Notice(run_id=self.kept.run.id, text=text))
