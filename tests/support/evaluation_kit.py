"""What the evaluation tests share: small real models in MLflow's format, held-out data, a run that made both."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundplan.core import digests, extras
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.model import Lineage, ModelPlan, ModelVersion
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.run import Artifact, CodeVersion, Run, StepRun
from groundplan.lifecycle.local.evaluation.requests import Demands, HeldOutData, MeasureRequest, ModelFile

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.rubric import Rubric, Task

TRUSTED = ("numpy.dtype",)


def save_model(path: Path, estimator: Any, inputs: Any, *, serialization: str = "skops") -> Path:
    """A model folder as a user's step writes it."""
    mlflow: Any = extras.load("mlflow.sklearn")
    infer_signature: Any = extras.load("mlflow.models").infer_signature
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.save_model(
            estimator, path, serialization_format=serialization, signature=infer_signature(inputs),
            pip_requirements=["scikit-learn"], skops_trusted_types=list(TRUSTED) if serialization == "skops" else None,
        )  # fmt: skip
    return path


def make_frame(labels: Callable[[Any], Any], *, rows: int = 240) -> Any:
    """Three features, a target that ``labels`` makes of a noisy score, and a group that is no feature."""
    pd: Any = extras.load("pandas")
    np: Any = extras.load("numpy")
    generator = np.random.default_rng(7)
    table: Any = pd.DataFrame(generator.normal(size=(rows, 3)), columns=["a", "b", "c"])
    score = table["a"] + 0.5 * table["b"] + 0.6 * generator.normal(size=rows)
    table["target"] = labels(score)
    table["sex"] = generator.choice(["f", "m"], size=rows)
    return table


def two(score: Any) -> Any:
    """Labels of two classes."""
    np: Any = extras.load("numpy")
    return np.where(score > 0, "yes", "no")


def number(score: Any) -> Any:
    """The score itself."""
    return score


def three(score: Any) -> Any:
    """Labels of three classes."""
    np: Any = extras.load("numpy")
    return np.digitize(score, [-0.5, 0.7])


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model, its held-out data, and the estimator itself for oracles."""

    estimator: Any
    model: Path
    frame: Any
    data: Path
    task: Task = "classification"
    target: str = "target"
    features: tuple[str, ...] = field(default=())

    @property
    def inputs(self) -> Any:
        """The held-out features."""
        return self.frame[list(self.features)]

    @property
    def truth(self) -> Any:
        """The held-out target."""
        return self.frame[self.target]

    def request(self, demands: Demands | None = None, **data: Any) -> MeasureRequest:
        """A request to measure the model."""
        values: dict[str, Any] = {"path": self.data, "target": self.target, "task": self.task, **data}
        return MeasureRequest(
            model=ModelFile(path=self.model, digest=digests.of_path(self.model), trusted_types=TRUSTED),
            data=HeldOutData(**values),
            demands=demands or Demands(),
        )


def make_case(folder: Path, estimator: Any, frame: Any, features: list[str], *, task: Task = "classification") -> Case:
    """Fit on the first two thirds of a frame, hold out the rest, write both to a folder."""
    cut = len(frame) * 2 // 3
    known, rest = frame.iloc[:cut], frame.iloc[cut:].reset_index(drop=True)
    estimator.fit(known[features], known["target"])
    folder.mkdir(parents=True)
    rest.to_csv(folder / "test.csv", index=False)
    model = save_model(folder / "model", estimator, known[features])
    return Case(
        estimator=estimator, model=model, frame=rest, data=folder / "test.csv", task=task, features=tuple(features)
    )


def held_out(case: Case, table: Any, path: Path) -> HeldOutData:
    """Other held-out rows for a case."""
    table.to_csv(path, index=False)
    return HeldOutData(path=path, target="target", task=case.task)


def request(case: Case, data: HeldOutData, demands: Demands | None = None) -> MeasureRequest:
    """A request to measure a case's model on other rows."""
    return dataclasses.replace(case.request(demands), data=data)


def make_run(case: Case) -> Run:
    """A run whose steps wrote the case's model and data."""
    return Run(
        id="run-1",
        pipeline="train",
        environment="dev",
        status="succeeded",
        started="2026-01-01T00:00:00.000Z",
        steps={
            "prepare": StepRun(name="prepare", status="succeeded", outputs={"test": _artifact("dataset", case.data)}),
            "train": StepRun(name="train", status="succeeded", outputs={"model": _artifact("model", case.model)}),
        },
        code=CodeVersion(commit="abc123", dirty=True, digest="sha256:c0de"),
    )


def make_plan(case: Case, rubric: Rubric, **values: Any) -> ModelPlan:
    """A plan for the case's model with one environment."""
    values.setdefault("trusted_types", TRUSTED)
    return ModelPlan(
        name="churn",
        pipeline="train",
        task=case.task,
        target=case.target,
        model_output=StepInput(step="train", output="model"),
        test_output=StepInput(step="prepare", output="test"),
        rubrics={rubric.environment: rubric},
        **values,
    )


def make_version(path: Path, digest: str, *, version: int = 1) -> ModelVersion:
    """A registered version of the model in a folder."""
    lineage = Lineage(run_id="", pipeline="", data={}, commit="", dirty=False, code_digest="", config_digest="")
    return ModelVersion(
        name="churn", version=version, stage=None, status="registered", digest=digest, path=path,
        created="2026-01-01T00:00:00.000Z", lineage=lineage, trusted_types=TRUSTED,
    )  # fmt: skip


def layout(root: Path) -> Layout:
    """The layout of a new project."""
    root.mkdir(parents=True, exist_ok=True)
    return Layout(root)


def _artifact(kind: str, path: Path) -> Artifact:
    return Artifact(type=kind, digest=digests.of_path(path), path=path, size_bytes=1)
