"""What a step runs in on Vertex AI: an image, and the packages that are installed when it starts.

A step that is not isolated finds what it would find on a laptop: groundplan with its extra ``local``, at the version
that compiles the pipeline, and the packages of its requirements file. They come from the package index that the step
reaches. A step with an image of its own and no requirements runs in just that image. An image must have ``sh``,
``timeout``, ``tar`` and ``base64``, as Debian's and Alpine's have.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from ...lifecycle.contract.pipeline import Step

IMAGE = "python:3.11-slim"
"""The official Python image; a fixed Python, not the planning machine's, so that all machines plan the same."""

VARIABLES = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}
"""What a step finds in its environment on every platform."""


@dataclass(frozen=True, kw_only=True)
class StepImage:
    """An image, a ``package`` to install with its version, a file of ``requirements`` of the project; or none."""

    image: str
    package: str = ""
    requirements: str = ""


def of(step: Step) -> StepImage:
    """What a step runs in."""
    wanted = step.environment
    if wanted.image is not None and wanted.requirements is None:
        return StepImage(image=wanted.image)
    return StepImage(
        image=wanted.image or IMAGE,
        package="" if wanted.isolated else f"groundplan[local]=={version('groundplan')}",
        requirements=wanted.requirements or "",
    )
