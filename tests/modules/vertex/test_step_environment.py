"""What a step runs in: whether it finds groundplan, its requirements, or just its own image."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from groundplan.lifecycle.contract.pipeline import Step, StepEnvironment
from groundplan.modules.vertex.step_environment import StepImage, of

GROUNDPLAN = f"groundplan[local]=={version('groundplan')}"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (StepEnvironment(), StepImage(image="python:3.11-slim", package=GROUNDPLAN)),
        (
            StepEnvironment(requirements="needs.txt"),
            StepImage(image="python:3.11-slim", package=GROUNDPLAN, requirements="needs.txt"),
        ),
        (
            StepEnvironment(requirements="needs.txt", isolated=True),
            StepImage(image="python:3.11-slim", requirements="needs.txt"),
        ),
        (StepEnvironment(image="example.com/steps@sha256:1"), StepImage(image="example.com/steps@sha256:1")),
        (
            StepEnvironment(image="example.com/steps:1", requirements="needs.txt"),
            StepImage(image="example.com/steps:1", package=GROUNDPLAN, requirements="needs.txt"),
        ),
    ],
)
def test_a_step_finds_what_it_would_find_on_a_laptop(environment: StepEnvironment, expected: StepImage) -> None:
    assert of(Step(name="train", command=("true",), environment=environment)) == expected
