"""A pipeline that knows no platform: steps as commands, connected by what they read and write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ArtifactType = Literal["dataset", "model", "metrics", "report", "value"]
"""dataset: a CSV or Parquet file · model: a folder in MLflow's model format · metrics: a JSON object of numbers ·
report: an HTML file · value: a text file with one value."""

ParameterValue = bool | int | float | str


@dataclass(frozen=True, kw_only=True)
class DataInput:
    """A step's input that is a data source of the config."""

    source: str


@dataclass(frozen=True, kw_only=True)
class StepInput:
    """A step's input that is another step's output."""

    step: str
    output: str


@dataclass(frozen=True, kw_only=True)
class StepEnvironment:
    """What a step runs in; ``requirements`` is relative to the project."""

    requirements: str | None = None
    image: str | None = None
    isolated: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command with named inputs, outputs and parameters.

    ``command`` holds words; ``{inputs.x}``, ``{outputs.x}`` and ``{parameters.x}`` inside a word are filled in by
    the platform. ``timeout_seconds`` ends it; ``retries`` is how often it is tried again.
    """

    name: str
    command: tuple[str, ...]
    inputs: Mapping[str, DataInput | StepInput] = field(default_factory=dict[str, DataInput | StepInput])
    outputs: Mapping[str, ArtifactType] = field(default_factory=dict[str, ArtifactType])
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])
    after: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    environment: StepEnvironment = field(default_factory=StepEnvironment)
    compute: str = "default"
    timeout_seconds: int = 3600
    retries: int = 0
    cache: bool = True

    @property
    def dependencies(self) -> frozenset[str]:
        """The steps that must end before this one starts."""
        read = {source.step for source in self.inputs.values() if isinstance(source, StepInput)}
        return frozenset(read | set(self.after))


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A data set of the config: a file of the project, or one that scikit-learn ships."""

    name: str
    path: Path | None = None
    sklearn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Steps by name, and the data sources they may read."""

    name: str
    steps: Mapping[str, Step]
    sources: Mapping[str, DataSource]
