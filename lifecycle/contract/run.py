"""A run of a pipeline: what ran, from what, how it ended; and the events it tells while it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .pipeline import ParameterValue, Pipeline

StepStatus = Literal["waiting", "running", "cached", "succeeded", "failed", "timed-out", "cancelled", "skipped"]
RunStatus = Literal["running", "succeeded", "failed", "cancelled", "interrupted", "damaged"]
"""interrupted: whoever ran it died · damaged: its record cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """Something a step wrote: its type, its digest, and where this machine keeps it."""

    type: str
    digest: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """How one step of a run went. ``seconds`` is the step's own time; ``error`` says what is wrong, if anything."""

    name: str
    status: StepStatus
    key: str = ""
    started: str = ""
    seconds: float = 0.0
    attempts: int = 0
    exit_code: int | None = None
    error: str = ""
    log: Path | None = None
    outputs: Mapping[str, Artifact] = field(default_factory=dict[str, Artifact])


@dataclass(frozen=True, kw_only=True)
class CodeVersion:
    """The git commit a run was made from, whether the tree differed from it, and the digest of the code itself."""

    commit: str = ""
    dirty: bool = False
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a pipeline, as the experiment log keeps it.

    ``data`` maps each data source to its digest; ``metrics`` and ``parameters`` are keyed ``step.name``; ``packages``
    are the versions it ran with; ``models`` maps model names to registered versions. ``mlflow_run_id`` is empty until
    the run is in the tracking store.
    """

    id: str
    pipeline: str
    environment: str
    status: RunStatus
    started: str
    seconds: float = 0.0
    steps: Mapping[str, StepRun] = field(default_factory=dict[str, StepRun])
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    data: Mapping[str, str] = field(default_factory=dict[str, str])
    code: CodeVersion = field(default_factory=CodeVersion)
    config_digest: str = ""
    user: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict[str, str])
    models: Mapping[str, str] = field(default_factory=dict[str, str])
    mlflow_run_id: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What to run. ``root`` is the project's folder; ``jobs`` is how many steps may run at once.

    ``show_logs`` asks that what a step prints is in the file ``StepRun.log`` while the step runs.
    """

    root: Path
    pipeline: Pipeline
    environment: str
    config_digest: str
    user: str
    jobs: int = 2
    use_cache: bool = True
    continue_on_failure: bool = False
    show_logs: bool = False


@dataclass(frozen=True, kw_only=True)
class StepEvent:
    """A step changed its status; ``step`` is how it stands now."""

    run_id: str
    step: StepRun


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence for people while a run goes on, such as what it continues."""

    run_id: str
    text: str


Observer = Callable[[StepEvent | Notice], None]
"""Told of every change while a run goes on; called from one thread at a time."""
