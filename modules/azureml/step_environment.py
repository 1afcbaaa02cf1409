"""What a step runs in at Azure ML: an image, and the packages that are built into it.

A step that is not isolated finds what it would find on a laptop: groundplan with its extra ``local``, at the version
that compiles the pipeline, and the packages of its requirements file. They come from the package index that Azure ML's
image build uses. A step with an image of its own and no requirements runs in just that image.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ...core import digests, files
from ...core.errors import UsageError
from ...lifecycle.contract.pipeline import Step

IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
"""Microsoft's base image for training without GPUs; Azure ML builds the packages on top of it."""

PYTHON = "3.11"
"""The Python of images that are built; not the planning machine's, so that all machines plan the same."""

_COMMENT = re.compile(r"(^|\s)#.*$")
_ELSEWHERE = re.compile(r"-[rce]\b|--(requirement|constraint|editable)\b|\.{0,2}/|file:|\.\.?$")
_CREDENTIALS = re.compile(r"://[^/\s]*@")


@dataclass(frozen=True, kw_only=True)
class StepImage:
    """An image and the packages built on it, as a conda file; ``packages`` is empty for the image as it is."""

    image: str
    packages: str = ""

    @property
    def version(self) -> str:
        """The version of the environment, which follows from what is in it."""
        return digests.of_value([self.image, self.packages]).removeprefix("sha256:")[:16]


def of(root: Path, step: Step) -> StepImage:
    """What a step runs in. Raises UsageError for requirements that no image build can use."""
    wanted = step.environment
    required = [] if wanted.requirements is None else list(_requirements(root, step.name, wanted.requirements))
    if wanted.image is not None and wanted.requirements is None:
        return StepImage(image=wanted.image)
    if not wanted.isolated:
        required.insert(0, f"groundplan[local]=={version('groundplan')}")
    dependencies = [f"python={PYTHON}", "pip", *([{"pip": required}] if required else [])]
    packages = {"name": "step", "channels": ["conda-forge"], "dependencies": dependencies}
    # JSON is YAML too, and its form depends on no library's version.
    return StepImage(image=wanted.image or IMAGE, packages=json.dumps(packages, indent=2))


def _requirements(root: Path, step: str, relative: str) -> Iterator[str]:
    path = files.inside(root, relative)
    if not path.is_file():
        raise UsageError(
            f"the requirements file {relative} of step {step!r} is not there",
            where=str(path),
            hint="Write it, or take 'requirements' out of the step's environment.",
        )
    for number, written in enumerate(path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines(), start=1):
        line = _COMMENT.sub("", written).strip()
        if not line:
            continue
        if _ELSEWHERE.match(line):
            raise UsageError(
                f"step {step!r}: {line!r} refers to a file of the project, which Azure ML's image build does not have",
                where=f"{path}:{number}",
                hint="Write the packages themselves, or name an image that has them.",
            )
        if _CREDENTIALS.search(line):
            raise UsageError(
                f"step {step!r}: the requirements hold credentials in a URL, and the environment would show them",
                where=f"{path}:{number}",
                hint="Give the workspace a connection to the index instead.",
            )
        yield line
