"""What a pipeline is at Azure ML, by the project alone: ``up`` registers it, and a run names the same versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...core.errors import UsageError
from ...core.noting import Noted
from ...lifecycle.contract.pipeline import Pipeline
from . import compiling, step_code, step_environment

CODE_CONTAINER: Final = "artifacts"
"""The container, and the datastore, that the code of pipelines is in."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A compiled pipeline with the image of each step, and the files and folders that it runs, in one version."""

    name: str
    compiled: compiling.Compiled
    images: Mapping[str, step_environment.StepImage]
    code: Mapping[str, tuple[str, ...]]
    code_version: str

    @property
    def folder(self) -> str:
        """Where in the container the code is; another version is another folder, so nothing is overwritten."""
        return f"code/{self.name}/{self.code_version}"


def definition(root: Path, pipeline: Pipeline, computes: Mapping[str, str]) -> Definition:
    """The definition with the computes' names at the cloud by their names in the config. Raises UsageError."""
    steps, noted = pipeline.steps, Noted()
    images = noted.each(steps, lambda step: step_environment.of(root, steps[step]))
    noted.refuse()
    code = step_code.paths(root, pipeline)
    version = step_code.version(root, code)
    target = compiling.Target(
        images=images,
        computes=_computes(pipeline, computes),
        codes={step: version for step, paths in code.items() if paths},
    )
    compiled = compiling.compile(pipeline, target)
    return Definition(name=pipeline.name, compiled=compiled, images=images, code=code, code_version=version)


def _computes(pipeline: Pipeline, known: Mapping[str, str]) -> Mapping[str, str]:
    for step in pipeline.steps.values():
        if step.compute not in known:
            raise UsageError(
                f"step {step.name!r} runs on the compute {step.compute!r}, which is not there",
                hint=f"Known: {', '.join(known)}.",
            )
    return {step.name: known[step.compute] for step in pipeline.steps.values()}
