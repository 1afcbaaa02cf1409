"""What the registry's tests share: a project with a tracking store, model folders, evidence and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from groundplan.core import clock, digests
from groundplan.core.errors import NotFoundError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.evidence import Check, Comparison, Evidence, Verdict
from groundplan.lifecycle.contract.model import Lineage, ModelPlan, ModelVersion, Override
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.rubric import Bounds, ChampionRule, Rubric
from groundplan.lifecycle.contract.run import Artifact, CodeVersion, Run, StepRun
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.local.retraining import LocalRetrainings
from groundplan.lifecycle.local.rollouts import LocalRollouts

MODEL = "churn"
ENVIRONMENTS = ("dev", "staging", "production")
LINEAGE = Lineage(
    run_id="run-1", pipeline="train", data={"main": "sha256:da7a"}, commit="abc123", dirty=False,
    code_digest="sha256:c0de", config_digest="sha256:c0f1",
)  # fmt: skip


def model_folder(path: Path, marker: str) -> Path:
    """A folder that looks like a model; the registry copies folders and never opens what is in them."""
    (path / "code").mkdir(parents=True)
    (path / "MLmodel").write_text(f"marker: {marker}\n")
    (path / "model.skops").write_bytes(marker.encode() * 50)
    (path / "code" / "notes.txt").write_text("kept as it is\n")
    return path


def make_evidence(digest: str, *, made: str = "", **metrics: float) -> Evidence:
    """Evidence of a model, made now unless said."""
    return Evidence(
        model=MODEL, task="classification", model_digest=digest, data_digest="sha256:da7a", rows=100,
        metrics={"roc_auc": 0.9, **metrics}, made=made or clock.to_text(clock.now()), code_version="abc123",
        groundplan_version="0.1.0", run_id="run-1",
    )  # fmt: skip


def make_verdict(environment: str = "dev", *, passed: bool = True) -> Verdict:
    """A verdict with one check."""
    found = "0.9" if passed else "0.7"
    return Verdict(
        environment=environment,
        checks=(Check(name="roc_auc", expected="at least 0.8", found=found, passed=passed),),
    )


def make_plan(*, champion: ChampionRule | None = None, **values: Any) -> ModelPlan:
    """A plan with three environments, of which each asks for a bit more."""
    least = {"dev": 0.7, "staging": 0.8, "production": 0.85}
    rubrics = {
        name: Rubric(environment=name, metrics={"roc_auc": Bounds(min=least[name])}, champion=champion)
        for name in ENVIRONMENTS
    }
    given: dict[str, Any] = {"rubrics": rubrics, **values}
    return ModelPlan(
        name=MODEL, pipeline="train", task="classification", target="target",
        model_output=StepInput(step="train", output="model"), test_output=StepInput(step="prepare", output="test"),
        **given,
    )  # fmt: skip


@dataclass
class Project:
    """A project below ``root`` and its registry."""

    root: Path

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.root)

    @cached_property
    def models(self) -> LocalModels:
        return LocalModels(self.layout)

    def fresh(self) -> LocalModels:
        """The registry as the next command opens it."""
        return LocalModels(self.layout)

    def register(self, marker: str, *, passed: bool = True, override: Override | None = None,
                 **metrics: Any) -> ModelVersion:  # fmt: skip
        """Register the model with this marker."""
        source = self.root / "made" / marker
        if not source.exists():
            model_folder(source, marker)
        digest = digests.of_path(source)
        return self.models.register(
            name=MODEL, source=source, digest=digest, lineage=LINEAGE, evidence=make_evidence(digest, **metrics),
            verdict=make_verdict(passed=passed), override=override, trusted_types=["numpy.dtype"], who="ada",
        )  # fmt: skip

    def move(self, version: ModelVersion, to: str, *, models: LocalModels | None = None) -> ModelVersion:
        """Put a version into a stage, with a verdict of that environment."""
        return (models or self.models).move(
            version, to=to, who="ada", reason="it is better", evidence=None, verdict=make_verdict(to),
            override=None, approved_by=(),
        )  # fmt: skip

    def stages(self) -> dict[int, str | None]:
        """Every version's stage, as the next command reads it."""
        return {version.version: version.stage for version in self.fresh().list(MODEL)}


class Measured(LocalModels):
    """The real registry with evaluations that are told beforehand, where a test is not about measuring."""

    def __init__(self, layout: Layout, evidence: Mapping[str, Evidence], comparison: Comparison | None = None) -> None:
        super().__init__(layout)
        object.__setattr__(self, "_evidence", dict(evidence))
        object.__setattr__(self, "_comparison", comparison)

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        return vars(self)["_evidence"][run.id]

    def compare(self, challenger: ModelVersion, champion: ModelVersion, **_: Any) -> Comparison:
        told: Comparison = vars(self)["_comparison"]
        return replace(told, champion_version=str(champion.version), champion_digest=champion.digest)


@dataclass
class ToldRuns:
    """Runs that are told beforehand; counts what is recorded."""

    known: dict[str, Run] = field(default_factory=dict[str, Run])
    recorded: list[str] = field(default_factory=list[str])

    def get(self, run_id: str) -> Run:
        if run_id not in self.known:
            raise NotFoundError(f"there is no run {run_id!r}")
        return self.known[run_id]

    def described(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        return run

    def record(self, run: Run) -> Run:
        self.recorded.append(run.id)
        return replace(run, mlflow_run_id=f"mlflow-{run.id}")


@dataclass
class ToldPlatform:
    """A platform with the real registry, and runs that are told beforehand."""

    models: Any
    runs: Any = field(default_factory=ToldRuns)
    endpoints: Any = None

    @property
    def rollouts(self) -> LocalRollouts:
        return LocalRollouts(self.models.layout)

    @property
    def retrainings(self) -> LocalRetrainings:
        return LocalRetrainings(self.models.layout)


def make_run(run_id: str, model: Path, *, test: Path | None = None) -> Run:
    """A finished run that made this model folder."""
    artifact = Artifact(type="model", digest=digests.of_path(model), path=model, size_bytes=1)
    held_out = test or model / "MLmodel"
    data = Artifact(type="dataset", digest=digests.of_path(held_out), path=held_out, size_bytes=1)
    return Run(
        id=run_id, pipeline="train", environment="dev", status="succeeded", started="2026-01-01T00:00:00.000Z",
        steps={
            "prepare": StepRun(name="prepare", status="succeeded", outputs={"test": data}),
            "train": StepRun(name="train", status="succeeded", outputs={"model": artifact}),
        },
        data={"main": "sha256:da7a"}, code=CodeVersion(commit="abc123", digest="sha256:c0de"),
        config_digest="sha256:c0f1",
    )  # fmt: skip


def make_comparison(lower: float) -> Comparison:
    """A comparison whose bootstrap interval begins at ``lower``; the champion is filled in."""
    return Comparison(
        champion_version="", champion_digest="", metric="roc_auc", challenger=0.9, champion=0.9,
        difference=lower + 0.01, lower=lower, confidence=0.95, resamples=1000,
    )  # fmt: skip


def changed(versions: Sequence[ModelVersion]) -> dict[int, tuple[str | None, str]]:
    """Stage and status of each version."""
    return {version.version: (version.stage, version.status) for version in versions}
