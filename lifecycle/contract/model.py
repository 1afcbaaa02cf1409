"""A registered model version: its stage, its lineage, and the audit log of what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .evidence import Evidence, Verdict
from .pipeline import StepInput
from .rubric import Rubric, Task

VersionStatus = Literal["registered", "rejected", "retired"]
Action = Literal["register", "promote", "reject", "rollback", "deploy", "undeploy", "override", "destroy", "rollout"]


@dataclass(frozen=True, kw_only=True)
class ModelPlan:
    """What the config says of a model: which pipeline makes it, what it must show, who must approve.

    ``rubrics`` is keyed by environment, in the order in which a model passes them. ``approvals`` holds the environments
    that need a yes, each with the people who may give it; none named means anybody who is named. ``training_output`` is
    what the model learns from, None where the pipeline does not tell. ``attribution``: some environment wants to know
    what the model's answers depend on.
    """

    name: str
    pipeline: str
    task: Task
    target: str
    model_output: StepInput
    test_output: StepInput
    rubrics: Mapping[str, Rubric]
    training_output: StepInput | None = None
    approvals: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    positive_class: str | int | bool | None = None
    trusted_types: tuple[str, ...] = ()
    owner: str = ""
    description: str = ""
    intended_use: str = ""
    limitations: str = ""
    out_of_scope: str = ""
    ethical_considerations: str = ""
    contact: str = ""
    attribution: bool = False

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments in the order in which a model passes them."""
        return tuple(self.rubrics)

    @property
    def outputs(self) -> tuple[StepInput, ...]:
        """The steps' outputs that a version is measured with: the model, its held-out rows, what it learned from."""
        learned = () if self.training_output is None else (self.training_output,)
        return (self.model_output, self.test_output, *learned)


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """What a model version was made from; ``tracking_run_id`` is the run's id in MLflow, if it is recorded there."""

    run_id: str
    pipeline: str
    data: Mapping[str, str]
    commit: str
    dirty: bool
    code_digest: str
    config_digest: str
    tracking_run_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Override:
    """A failed gate that a named person let pass, and why."""

    person: str
    reason: str
    environment: str
    when: str
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One version in the registry. ``stage`` is the environment it is in, or None; never more than one.

    ``digest`` is of the model's folder at ``path``; whatever serves it must find the same digest there.
    """

    name: str
    version: int
    stage: str | None
    status: VersionStatus
    digest: str
    path: Path
    created: str
    lineage: Lineage
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    overrides: tuple[Override, ...] = ()
    trusted_types: tuple[str, ...] = ()
    size_bytes: int = 0

    @property
    def gate(self) -> str:
        """The verdict in a word, and of which environment; "" without one."""
        if self.verdict is None:
            return ""
        word = "passed" if self.verdict.passed else "OVERRIDDEN" if self.overrides else "failed"
        return f"{word} ({self.verdict.environment})"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What became of a run's model. ``version`` is None when the gate failed; ``unchanged``: it was judged before."""

    model: str
    evidence: Evidence
    verdict: Verdict
    version: int | None
    unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One line of the append-only audit log; ``previous`` is the digest of the line before, so a change shows."""

    sequence: int
    when: str
    who: str
    action: Action
    model: str
    version: int | None
    environment: str | None
    reason: str
    details: Mapping[str, object] = field(default_factory=dict[str, object])
    transaction: str = ""
    previous: str = ""
