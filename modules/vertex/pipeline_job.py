"""What each job of a pipeline has on Vertex AI, whether its schedule starts it or a person: where, with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...lifecycle.contract.pipeline import Pipeline
from ..contract.catalogue import MachineSize
from ..contract.context import Context
from . import machines, names
from .labels import labels

TEMPLATE: Final = "pipeline.json"
FAILURE_POLICY: Final = "PIPELINE_FAILURE_POLICY_FAIL_FAST"


def folder(pipeline: Pipeline, version: str) -> str:
    """Where a version's template and code lie in the bucket of artifacts."""
    return f"pipelines/{pipeline.name}/{version}"


def uri(context: Context, pipeline: Pipeline, version: str, file: str) -> str:
    """The address of one of a version's files."""
    return f"gs://{names.artifacts_bucket(context)}/{folder(pipeline, version)}/{file}"


def job_labels(context: Context, pipeline: Pipeline, version: str) -> dict[str, str]:
    """What a job says of itself."""
    return labels(context, pipeline=pipeline.name, version=version)


def step_machines(pipeline: Pipeline, computes: Mapping[str, MachineSize | None]) -> dict[str, MachineSize]:
    """By step the machine of its compute; a compute that the config does not name has the default machine."""
    default = machines.machine(machines.DEFAULT_TYPES["cpu"])
    found = {step.name: computes.get(step.compute, default) for step in pipeline.steps.values()}
    return {step: machine for step, machine in found.items() if machine is not None}
