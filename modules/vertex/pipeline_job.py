"""What each job of a pipeline has on Vertex AI, whether its schedule starts it or a person: where, with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ...core import digests
from ...lifecycle.contract.pipeline import Pipeline
from ..contract.catalogue import MachineSize
from ..contract.context import Context
from . import machines, names, step_code
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


def steps(root: Path, pipeline: Pipeline) -> str:
    """Each step with eight characters of the digest of its definition and files: ``fit=0a1b2c3d prepare=…``."""
    found: dict[str, str] = {}
    for name, step in sorted(pipeline.steps.items()):
        named = {file: digests.of_file(path) for file, path in step_code.files_of(root, step)}
        found[name] = digests.of_value([asdict(step), named]).rpartition(":")[2][:8]
    return " ".join(f"{name}={digest}" for name, digest in found.items())
