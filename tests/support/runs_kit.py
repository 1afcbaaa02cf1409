"""A project whose pipeline runs at a cloud in memory, from any number of machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from groundplan.core import digests
from groundplan.lifecycle.contract.jobs import Submission, Upload
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepInput
from groundplan.lifecycle.contract.run import CodeVersion, Notice, Run, RunRequest, StepEvent
from groundplan.lifecycle.recorded.runs import Prepared, RecordedRuns

from memory_cloud import MemoryCloud
from memory_jobs import CODE, DATA

PREPARE = """\
import sys
source, target, seed = sys.argv[1:]
print("preparing with seed", seed)
open(target, "w").write(open(source).read() + f"{seed},{seed}\\n")
"""

TRAIN = """\
import json, pathlib, sys
source, model, scores = sys.argv[1:]
rows = open(source).read().splitlines()[1:]
print("learning from", len(rows), "rows")
if any("bad" in row for row in rows):
    print("row is bad")
    sys.exit(3)
pathlib.Path(model).mkdir()
pathlib.Path(model, "MLmodel").write_text("flavors: {sklearn: {serialization_format: skops}}\\n")
pathlib.Path(model, "model.skops").write_text("\\n".join(rows))
json.dump({"rows": len(rows)}, open(scores, "w"))
"""


@dataclass
class Heard:
    """What an observer was told; ``act`` answers each event."""

    steps: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    notices: list[str] = field(default_factory=list[str])
    act: Callable[[StepEvent | Notice], None] | None = None

    def __call__(self, event: StepEvent | Notice) -> None:
        if isinstance(event, Notice):
            self.notices.append(event.text)
        else:
            self.steps.append((event.step.name, event.step.status))
        if self.act is not None:
            self.act(event)


class CloudProject:
    """A project of two steps: rows are prepared, a model is trained. ``seed`` is a parameter of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project"
        self.root.mkdir(parents=True)
        (self.root / "prepare.py").write_text(PREPARE)
        (self.root / "train.py").write_text(TRAIN)
        self.data("1,2", "3,4")
        self.cloud = MemoryCloud(folder, ["dev", "prod"])
        self.heard = Heard()
        self.up()

    def data(self, *rows: str) -> None:
        """What the project learns from."""
        (self.root / "rows.csv").write_text("\n".join(["target,x", *rows, ""]))

    def up(self) -> None:
        """Register the pipeline as it is now."""
        self.cloud.jobs.registered[self._definition(self.pipeline())] = self.pipeline()

    def pipeline(self, seed: int = 7) -> Pipeline:
        """The pipeline of the config, with this seed."""
        prepare = Step(
            name="prepare",
            command=("python", "prepare.py", "{inputs.data}", "{outputs.test}", "{parameters.seed}"),
            inputs={"data": DataInput(source="main")}, outputs={"test": "dataset"}, parameters={"seed": seed},
        )  # fmt: skip
        train = Step(
            name="train", command=("python", "train.py", "{inputs.data}", "{outputs.model}", "{outputs.scores}"),
            inputs={"data": StepInput(step="prepare", output="test")}, outputs={"model": "model", "scores": "metrics"},
        )  # fmt: skip
        source = DataSource(name="main", path=self.root / "rows.csv")
        return Pipeline(name="train", steps={"prepare": prepare, "train": train}, sources={"main": source})

    def request(self, *, seed: int = 7, force: bool = False, user: str = "ada", environment: str = "dev") -> RunRequest:
        return RunRequest(
            root=self.root, pipeline=self.pipeline(seed), environment=environment, config_digest="sha256:c0f1",
            user=user, use_cache=not force,
        )  # fmt: skip

    def runs(self, machine: str = "here") -> RecordedRuns:
        """The runs as the next command of a machine opens them."""
        jobs = dict.fromkeys(self.cloud.records, self.cloud.jobs)
        return RecordedRuns(self.cloud.records["dev"], jobs, prepare=self.prepared, folder=self.folder / machine)

    def run(self, machine: str = "here", *, seed: int = 7, force: bool = False, user: str = "ada") -> Run:
        """What ``groundplan run`` does."""
        self.heard = replace(self.heard, steps=[], notices=[])
        return self.runs(machine).run(self.request(seed=seed, force=force, user=user), self.heard)

    def prepared(self, request: RunRequest) -> Prepared:
        """What the command line makes of a request."""
        code = {name: digests.of_file(self.root / name) for name in ("prepare.py", "train.py")}
        source = request.pipeline.sources["main"].path
        assert source is not None
        digest = digests.of_file(source)
        uploads = [Upload(uri=f"{CODE}{name}/{one}", path=self.root / name, digest=one) for name, one in code.items()]
        steps = request.pipeline.steps
        inputs = {
            f"{name}__{one}": str(value) for name, step in steps.items() for one, value in step.parameters.items()
        }
        submission = Submission(
            pipeline=request.pipeline.name,
            definition=self._definition(self.pipeline()),
            inputs=inputs,
            data={"main": f"{DATA}{digest}"},
            steps={name: name for name in steps},
            outputs={f"{name}.{port}": port for name, step in steps.items() for port in step.outputs},
            uploads=(Upload(uri=f"{DATA}{digest}", path=source, digest=digest), *uploads),
            settings={name: f"{CODE}{name}/{one}" for name, one in code.items()},
            use_cache=request.use_cache,
        )
        return Prepared(submission=submission, data={"main": digest}, code=CodeVersion(digest=digests.of_value(code)))

    def _definition(self, pipeline: Pipeline) -> str:
        code = [digests.of_file(self.root / name) for name in ("prepare.py", "train.py")]
        return f"train:{digests.of_value([code, repr(pipeline.steps)])[-16:]}"
