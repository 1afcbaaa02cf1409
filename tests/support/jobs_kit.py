"""Jobs of each cloud with the SDK's real client before them and a stand-in service behind, for one suite."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from groundplan.core import digests
from groundplan.lifecycle.contract.jobs import Job, Jobs, Submission
from groundplan.lifecycle.contract.pipeline import (
    DataInput,
    DataSource,
    ParameterValue,
    Pipeline,
    Step,
    StepInput,
)
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.patience import Pace
from groundplan.modules.contract.submission import SubmissionArguments, SubmittedData

import serving_kit
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service

PLATFORMS = ("azureml", "vertex")
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
RUN = "20261128-070500-ab12"
_CODE = """\
import json, pathlib, sys
name, *rest = sys.argv[1:]
paths = [pathlib.Path(one) for one in rest[:3]]
if name == "prepare":
    print("preparing", flush=True)
    paths[1].write_text(paths[0].read_text() + "3,1\\n")
elif name == "train":
    table, model, scores = paths
    print("training with", *rest[3:])
    model.mkdir(exist_ok=True)
    (model / "MLmodel").write_text("flavors: {}\\n")
    (model / "data").mkdir()
    (model / "data" / "rows.txt").write_text(table.read_text())
    scores.write_text(json.dumps({"rows": len(table.read_text().splitlines())}))
else:
    print("before it", flush=True)
    print("what went wrong", file=sys.stderr)
    sys.exit(int(name))
"""

PREPARE = Step(
    name="prepare",
    command=("python", "src/steps.py", "prepare", "{inputs.rows}", "{outputs.table}"),
    inputs={"rows": DataInput(source="main")},
    outputs={"table": "dataset"},
    code=("src",),
)
TRAIN = Step(
    name="train-it",
    command=(
        "python", "src/steps.py", "train", "{inputs.table}", "{outputs.model}", "{outputs.scores}",
        "seed={parameters.seed}",
    ),
    inputs={"table": StepInput(step="prepare", output="table")},
    outputs={"model": "model", "scores": "metrics"},
    parameters={"seed": 42},
    code=("src",),
)  # fmt: skip


def ending(code: int, **changes: Any) -> Step:
    """A step after ``prepare`` that says what went wrong, and ends with this code."""
    command = ("python", "src/steps.py", str(code), "{inputs.table}")
    inputs = {"table": StepInput(step="prepare", output="table")}
    return replace(Step(name="judge", command=command, inputs=inputs, code=("src",)), **changes)


@dataclass(frozen=True, kw_only=True)
class JobsRig:
    """One cloud with a project's folder; what each cloud does in its own way, it says itself.

    ``starting`` and ``looking`` are how the requests begin that start a job and look at it, ``listing`` that lists
    those of a schedule, ``reading`` the one that
    reads the definition, ``logging`` the one that reads a step's log, ``recording`` what the paths hold by which a run
    is recorded. ``short`` is what has to be said where the quota is too small.
    """

    platform: str
    service: Service
    folder: Path
    starting: tuple[str, str]
    looking: tuple[str, str]
    listing: tuple[str, str]
    reading: tuple[str, str]
    logging: tuple[str, str]
    recording: str
    short: tuple[str, ...]

    def jobs(self, pace: Pace = PACE, *, seconds: float = 60) -> Jobs:
        """Groundplan's own, as another operator has them, too."""
        raise NotImplementedError

    def reset(self) -> None:
        """An environment as the first ``up`` leaves it, and a service that answers; the project's files as at first."""
        raise NotImplementedError

    def register(self, pipeline: Pipeline, version: str) -> None:
        """What ``up`` does with a pipeline."""
        raise NotImplementedError

    def submission_of(self, arguments: SubmissionArguments) -> Submission:
        """What the platform's own module makes of it."""
        raise NotImplementedError

    def fire(self, submission: Submission, *, ago: timedelta = timedelta()) -> str:
        """It is time for the schedule of this pipeline, so long ago; the job that begins, as it is called there."""
        raise NotImplementedError

    def copied(self, text: str) -> None:
        """Somebody put this where the schedule's jobs read the data source."""
        raise NotImplementedError

    def pages(self, size: int) -> None:
        """Lists of jobs come in pages of so many."""
        raise NotImplementedError

    def started(self) -> list[str]:
        """The jobs that the cloud has, by what they are called there."""
        raise NotImplementedError

    def uploaded(self) -> dict[str, bytes]:
        """The project's data that is at the cloud, by its address."""
        raise NotImplementedError

    def content(self, place: str) -> bytes:
        """What the cloud has at this place."""
        raise NotImplementedError

    def never_end(self) -> None:
        """Steps that start from now on do not end."""
        raise NotImplementedError

    def quota(self) -> dict[str, Any]:
        """How the service refuses a job for which the quota is too small."""
        raise NotImplementedError

    def run_short(self) -> None:
        """The next job turns out to need more than the quota has, before a step of it starts."""
        raise NotImplementedError

    def short_lived(self) -> None:
        """Tokens from now on are good for a moment alone, where the service says for how long they are."""

    def expire(self) -> None:
        """The token by which callers are signed in is not taken any more; the next one is."""
        raise NotImplementedError

    def recorded(self) -> dict[str, Any]:
        """Parameters, metrics and models of the only run that the cloud's experiments show."""
        raise NotImplementedError

    def refusal(self) -> dict[str, Any]:
        """How the service refuses who may not start a job."""
        raise NotImplementedError

    @property
    def role(self) -> str:
        """The role for that, and who grants it."""
        raise NotImplementedError

    def write(self) -> None:
        """The project's files as at first."""
        source = self.folder / "src" / "steps.py"
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(_CODE, encoding="utf-8")
        self.data("a,b\n1,0\n2,1\n")

    def data(self, text: str) -> str:
        """Give the data source this content; its digest."""
        path = self.folder / "main.csv"
        path.write_text(text, encoding="utf-8")
        return digests.of_file(path)

    def up(self, *steps: Step, registers: bool = True, **changes: Any) -> Submission:
        """Register a pipeline of these steps, and what a run of it is."""
        chosen = {one.name: one for one in steps or (PREPARE, TRAIN)}
        path = self.folder / "main.csv"
        pipeline = Pipeline(name="train", steps=chosen, sources={"main": DataSource(name="main", path=path)})
        version = digests.of_value([str(pipeline), _CODE]).rpartition(":")[2][:16]
        if registers:
            self.register(pipeline, version)
        data = SubmittedData(below="main.csv", file=path, digest=digests.of_file(path))
        arguments = SubmissionArguments(pipeline=pipeline, version=version, root=self.folder, data={"main": data})
        return self.submission_of(replace(arguments, **changes))

    def run(
        self, run_id: str = RUN, *steps: Step, parameters: Mapping[str, Mapping[str, ParameterValue]] | None = None,
        **changes: Any,
    ) -> tuple[Job, Submission]:  # fmt: skip
        """A run to its end, looked at as often as that takes."""
        submission = self.up(*steps, parameters=parameters or {}, **changes)
        return self.end(self.jobs().submit(run_id, submission), submission), submission

    def end(self, id: str, submission: Submission) -> Job:
        """Look at a job until it has ended."""
        jobs = self.jobs()
        for _ in range(100):
            job = jobs.look(id, submission)
            if job.status != "running":
                return job
        raise AssertionError("the job does not end")


def finished(job: Job) -> Run:
    """The run of a job that succeeded, as it is recorded."""
    return Run(
        id=RUN, pipeline="train", environment="dev", status="succeeded", started=job.started, seconds=3.5,
        parameters={"train-it.seed": 42}, metrics={"train-it.rows": 4.0, "train-it.auc": float("nan")},
        models={"churn": "3"},
    )  # fmt: skip


@contextmanager
def rig(platform: str, folder: Path) -> Generator[JobsRig]:
    """The cloud, with its service running and this process signed in to it."""
    import azure_jobs_kit
    import vertex_jobs_kit

    with serving_kit.signed_in(platform, Store(folder / "cloud"), folder) as service:
        if isinstance(service, VertexService):
            yield vertex_jobs_kit.rig(service, folder / "project")
        if isinstance(service, AzureMLService):
            with azure_jobs_kit.impatient():
                yield azure_jobs_kit.rig(service, folder / "project")
