"""Pipelines that know no platform: steps are commands with named inputs, outputs and parameters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .section import Cron, Duration, Name, PortName, Reference, Section, Text

ArtifactType = Literal["dataset", "model", "metrics", "report", "value"]
"""What passes between steps. See docs/pipelines.md for the form of each."""

Parameter = bool | int | float | str
"""The value of a parameter."""


class StepEnvironment(Section):
    """What a step runs in. Without it a step runs in the Python that runs groundplan."""

    requirements: Text | None = None
    """A requirements file, relative to groundplan.yaml."""

    image: Text | None = None
    """A container image; used on the clouds, left aside on the laptop."""

    isolated: bool = False
    """On the laptop: run in a virtual environment of its own, built from ``requirements``."""


class Step(Section):
    """One command of a pipeline."""

    command: Text | list[Text]
    """The command as words; ``{inputs.NAME}``, ``{outputs.NAME}``, ``{parameters.NAME}`` are filled in. No shell."""

    inputs: dict[PortName, Reference] = {}
    """What the step reads: the output of another step (``prepare.train``) or a data source (``data.main``)."""

    outputs: dict[PortName, ArtifactType] = {}
    """What the step writes, and of which type."""

    parameters: dict[PortName, Parameter] = {}
    """Values that the command uses; ``groundplan run --set step.parameter=value`` changes one for a run."""

    after: list[Name] = []
    """Steps that must end first although nothing is read from them."""

    code: list[Text] = ["src"]
    """Files and folders whose change runs the step again."""

    environment: StepEnvironment = StepEnvironment()
    """The Python packages or the image that the step needs."""

    compute: Name = "default"
    """The compute that the step runs on, by its name in ``compute``; the laptop runs all steps itself."""

    timeout: Duration = "1h"
    """When the step is stopped and counts as failed."""

    retries: Annotated[int, Field(ge=0, le=10)] = 0
    """How often a failed step is tried again."""

    cache: bool = True
    """Whether an unchanged step is taken from the cache."""


class Pipeline(Section):
    """Steps, connected by what they read and write; those that do not depend on each other run in parallel."""

    steps: dict[Name, Step]
    """The steps by name, in any order."""

    schedule: Cron | None = None
    """On the clouds: when it runs by itself, five cron fields in UTC. Where it is not said, ``retraining.schedule`` for
    a pipeline in the first environment that makes a model of data of the cloud alone, without ``window``."""


def baseline(target: str, task: str, *, source: str = "main") -> dict[str, object]:
    """The pipelines of a config that names none, in the config's own form: split the data, train a sound baseline."""
    package = "python -m groundplan.lifecycle.baseline"
    parameters: dict[str, object] = {"target": target, "task": task, "seed": 42}
    return {
        "train": {
            "steps": {
                "prepare": {
                    "command": f"{package}.prepare --data {{inputs.data}} --train {{outputs.train}}"
                    " --test {outputs.test} --target {parameters.target} --task {parameters.task}"
                    " --test-share {parameters.test_share} --seed {parameters.seed}",
                    "inputs": {"data": f"data.{source}"},
                    "outputs": {"train": "dataset", "test": "dataset"},
                    "parameters": {**parameters, "test_share": 0.2},
                    "code": [],
                },
                "train": {
                    "command": f"{package}.train --train {{inputs.train}} --model {{outputs.model}}"
                    " --metrics {outputs.metrics} --target {parameters.target} --task {parameters.task}"
                    " --seed {parameters.seed}",
                    "inputs": {"train": "prepare.train"},
                    "outputs": {"model": "model", "metrics": "metrics"},
                    "parameters": parameters,
                    "code": [],
                },
            }
        }
    }
