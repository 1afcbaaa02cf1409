"""The jobs of a cloud in memory: strict as the contract is, and the steps really run, one process after another.

Each look at a job lets it go one step on, so nothing depends on time. A step that ran before on the same code, inputs
and parameters is taken from the cache, as clouds do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from groundplan.core import clock, digests
from groundplan.core.errors import NotFoundError, ResourceFailedError
from groundplan.lifecycle import graph
from groundplan.lifecycle.contract.jobs import Job, JobStatus, ScheduledJob, Submission
from groundplan.lifecycle.contract.pipeline import DataInput, Pipeline, Step
from groundplan.lifecycle.contract.run import Run, StepRun
from groundplan.lifecycle.local.running.step_plan import words
from groundplan.lifecycle.outputs import FILE_SUFFIXES

CODE = "mem://code/"
DATA = "mem://data/"


@dataclass
class MemoryJob:
    """A job; ``stopping`` once it was asked to stop, ``scheduled`` when a schedule started it, "" for others."""

    run_id: str
    submission: Submission
    steps: dict[str, StepRun]
    logs: dict[str, str] = field(default_factory=dict[str, str])
    made: dict[str, dict[str, Path]] = field(default_factory=dict[str, dict[str, Path]])
    stopping: bool = False
    status: JobStatus = "running"
    scheduled: str = ""


@dataclass
class MemoryJobs:
    """Pipelines that are registered by their definition; ``files`` by URI; ``asleep``: no job goes on."""

    burn: Callable[[Callable[[], None]], None]
    folder: Path
    registered: dict[str, Pipeline] = field(default_factory=dict[str, Pipeline])
    files: dict[str, Path] = field(default_factory=dict[str, Path])
    jobs: dict[str, MemoryJob] = field(default_factory=dict[str, MemoryJob])
    cache: dict[str, dict[str, Path]] = field(default_factory=dict[str, dict[str, Path]])
    experiments: dict[str, Run] = field(default_factory=dict[str, Run])
    uploaded: list[str] = field(default_factory=list[str])
    fetched: list[str] = field(default_factory=list[str])
    ran: list[str] = field(default_factory=list[str])
    listed: int = 0
    asleep: bool = False
    reason: str = "a step failed"

    def pinned(self, submission: Submission) -> Submission:
        """The submission as it is: its data are files."""
        return submission

    def submit(self, run_id: str, submission: Submission) -> str:
        id = f"job-{run_id}"
        if id in self.jobs:
            assert self.jobs[id].submission == replace(submission, uploads=()), "another job has this run's id"
            return id
        if submission.definition not in self.registered:
            raise NotFoundError(f"{submission.definition} is not registered", hint="groundplan up registers it.")
        for one in submission.uploads:
            assert digests.of_file(one.path) == one.digest, one
            if one.uri not in self.files:
                self.burn(lambda one=one: self._upload(one.uri, one.path))
        for uri in submission.data.values():
            if uri not in self.files:
                raise ResourceFailedError(f"{uri} is not there")
        steps = {name: StepRun(name=name, status="waiting") for name in submission.steps}
        job = MemoryJob(run_id=run_id, submission=replace(submission, uploads=()), steps=steps)
        self.burn(lambda: self.jobs.update({id: job}))
        return id

    def look(self, id: str, submission: Submission) -> Job:
        job = self._demand(id, submission)
        if job.status == "running" and not self.asleep:
            self._advance(job)
        return Job(
            id=id, status=job.status, steps=dict(job.steps), seconds=1.0, url=f"https://cloud.example.com/{id}",
            error=self.reason if job.status == "failed" else "",
        )  # fmt: skip

    def fire(self, submission: Submission, *, created: str) -> str:
        """The schedule of a pipeline starts a job of it; what it reads lies there already."""
        id = f"{submission.pipeline}-{len(self.jobs)}"
        for one in submission.uploads:
            if one.uri not in self.files:
                self._upload(one.uri, one.path)
        steps = {name: StepRun(name=name, status="waiting") for name in submission.steps}
        self.jobs[id] = MemoryJob(
            run_id=id, submission=replace(submission, uploads=()), steps=steps, scheduled=created
        )  # fmt: skip
        return id

    def scheduled(self, submission: Submission, *, since: str, until: str) -> Sequence[ScheduledJob]:
        self.listed += 1
        found = [
            ScheduledJob(
                id=id, created=one.scheduled, status=one.status, same=one.submission.definition == submission.definition
            )
            for id, one in self.jobs.items()
            if one.submission.pipeline == submission.pipeline and since <= one.scheduled <= until
        ]
        return sorted(found, key=lambda one: one.created)

    def cancel(self, id: str) -> None:
        job = self._demand(id, None)
        if job.status == "running" and not job.stopping:
            self.burn(lambda: setattr(job, "stopping", True))

    def log(self, id: str, step: str, submission: Submission) -> str:
        job = self._demand(id, submission)
        if job.steps[step].status == "waiting":
            raise NotFoundError(f"step {step} did not start")
        return job.logs.get(step, "")

    def fetch(self, id: str, step: str, output: str, submission: Submission, into: Path) -> Path:
        job = self._demand(id, submission)
        assert f"{step}.{output}" in submission.outputs
        assert into.parent.is_dir()
        made = job.made.get(step, {}).get(output)
        if made is None or not made.exists():
            raise NotFoundError(f"{step} wrote no {output}")
        self.fetched.append(f"{step}.{output}")
        (shutil.copytree if made.is_dir() else shutil.copyfile)(made, into)
        return into

    def place(self, id: str, step: str, output: str, submission: Submission) -> str:
        job = self._demand(id, submission)
        made = job.made.get(step, {}).get(output)
        if made is None:
            raise NotFoundError(f"{step} wrote no {output}")
        return f"mem://made/{job.run_id}/{step}/{made.name}"

    def metrics(self, id: str, submission: Submission) -> Mapping[str, float]:
        job = self._demand(id, submission)
        return {f"{name}.tracked": 1.0 for name, step in job.steps.items() if step.status == "succeeded"}

    def record(self, id: str, run: Run) -> None:
        self._demand(id, None)
        if self.experiments.get(run.id) != run:
            self.burn(lambda: self.experiments.update({run.id: run}))

    def finish(self) -> None:
        """Time passes: every job comes to its end."""
        for job in self.jobs.values():
            while job.status == "running":
                self._advance(job)

    def forget(self, id: str) -> None:
        """Somebody deletes a job at the cloud."""
        del self.jobs[id]

    def _upload(self, uri: str, path: Path) -> None:
        self.uploaded.append(uri)
        self.files[uri] = self.folder / "files" / digests.of_value(uri)[-16:]
        self.files[uri].parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, self.files[uri])

    def _demand(self, id: str, submission: Submission | None) -> MemoryJob:
        if id not in self.jobs:
            raise NotFoundError(f"{id} is not there")
        job = self.jobs[id]
        assert submission is None or replace(submission, uploads=()) == job.submission
        return job

    def _advance(self, job: MemoryJob) -> None:
        """A step begins, or the one that has begun ends, or the job does."""
        steps = self.registered[job.submission.definition].steps
        begun = next((one for one in job.steps.values() if one.status == "running"), None)
        if begun is not None:
            job.steps[begun.name] = replace(begun, status="cancelled") if job.stopping else self._ran(job, begun)
            return
        done = {name for name, one in job.steps.items() if one.status in ("succeeded", "cached")}
        ready = graph.ready(steps, done=done, started={name for name, one in job.steps.items() if one.key})
        if job.stopping or not ready or any(one.status == "failed" for one in job.steps.values()):
            job.status = "succeeded" if len(done) == len(steps) else "cancelled" if job.stopping else "failed"
            return
        self._begin(job, steps[ready[0]])

    def _begin(self, job: MemoryJob, step: Step) -> None:
        inputs = self._inputs(job, step)
        key = digests.of_value([job.submission.definition, step.name, self._parameters(job, step),
                                [[port, digests.of_path(path)] for port, path in inputs.items()]])  # fmt: skip
        found = self.cache.get(key) if step.cache and job.submission.use_cache else None
        job.made |= {step.name: found} if found else {}
        status = "cached" if found else "running"
        job.steps[step.name] = StepRun(
            name=step.name, status=status, key=key, started=clock.to_text(clock.now()), attempts=0 if found else 1
        )
        job.logs[step.name] = f"{step.name} begins\n"

    def _ran(self, job: MemoryJob, begun: StepRun) -> StepRun:
        step = self.registered[job.submission.definition].steps[begun.name]
        self.ran.append(step.name)
        folder = self.folder / "made" / job.run_id / step.name
        folder.mkdir(parents=True)
        outputs = {port: folder / f"{port}{FILE_SUFFIXES[kind]}" for port, kind in step.outputs.items()}
        filled = replace(step, parameters=self._parameters(job, step))
        line = words(filled, python=sys.executable, inputs=self._inputs(job, step), outputs=outputs)
        ended = subprocess.run(
            line, cwd=self._code(job, folder), env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        job.logs[step.name] += ended.stdout + ended.stderr
        if ended.returncode:
            return replace(begun, status="failed", seconds=0.5, exit_code=ended.returncode,
                           error=f"it ended with {ended.returncode}")  # fmt: skip
        job.made[step.name] = self.cache[begun.key] = outputs
        return replace(begun, status="succeeded", seconds=0.5, exit_code=0)

    def _code(self, job: MemoryJob, folder: Path) -> Path:
        """The working folder of a step, with the files of the submission's code."""
        code = folder / "code"
        code.mkdir()
        for name, uri in job.submission.settings.items():
            shutil.copyfile(self.files[uri], code / name)
        return code

    def _inputs(self, job: MemoryJob, step: Step) -> dict[str, Path]:
        return {
            port: self.files[job.submission.data[one.source]]
            if isinstance(one, DataInput)
            else job.made[one.step][one.output]
            for port, one in step.inputs.items()
        }

    def _parameters(self, job: MemoryJob, step: Step) -> dict[str, str]:
        return {name: job.submission.inputs[f"{step.name}__{name}"] for name in step.parameters}
