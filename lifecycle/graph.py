"""The order of a pipeline's steps: what is wrong with the graph, what may start now, what cannot start any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from ..core.errors import Problem, UsageError
from ..core.suggestions import did_you_mean
from .contract.pipeline import DataInput, Pipeline, Step, StepInput


def order(steps: Mapping[str, Step]) -> tuple[str, ...]:
    """The steps so that each stands after those it depends on; equals keep the order of the mapping.

    Raises UsageError for a circle, naming it.
    """
    sorter = TopologicalSorter({name: sorted(step.dependencies) for name, step in steps.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise UsageError(f"the steps wait for each other: {circle}", hint="Take one input or 'after' out.") from error
    place = {name: index for index, name in enumerate(steps)}
    found: list[str] = []
    while sorter.is_active():
        layer = sorted(sorter.get_ready(), key=place.__getitem__)
        found.extend(layer)
        sorter.done(*layer)
    return tuple(found)


def validate(pipeline: Pipeline) -> tuple[str, ...]:
    """The order of the steps. Raises UsageError that carries every reference to something that is not there."""
    problems = [
        Problem(message=f"step {step.name!r}: {message}", hint=hint)
        for step in pipeline.steps.values()
        for message, hint in _dangling(pipeline, step)
    ]
    if not pipeline.steps:
        problems = [Problem(message=f"the pipeline {pipeline.name!r} has no steps")]
    if problems:
        raise UsageError(problems[0].message, hint=problems[0].hint, problems=problems)
    return order(pipeline.steps)


def ready(steps: Mapping[str, Step], *, done: Collection[str], started: Collection[str]) -> tuple[str, ...]:
    """The steps that may start: not started yet, and all they depend on is done."""
    return tuple(
        name for name, step in steps.items() if name not in started and all(one in done for one in step.dependencies)
    )


def after(steps: Mapping[str, Step], failed: Collection[str]) -> frozenset[str]:
    """The steps that cannot start because one they depend on, directly or not, is among ``failed``."""
    lost: set[str] = set(failed)
    for name in order(steps):
        if not lost.isdisjoint(steps[name].dependencies):
            lost.add(name)
    return frozenset(lost.difference(failed))


def _dangling(pipeline: Pipeline, step: Step) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for port, source in step.inputs.items():
        match source:
            case DataInput(source=name) if name not in pipeline.sources:
                found.append((f"input {port!r} reads data.{name}, which is no data source",
                              did_you_mean(name, pipeline.sources)))  # fmt: skip
            case StepInput(step=name) if name not in pipeline.steps:
                found.append((f"input {port!r} reads the step {name!r}, which is not there",
                              did_you_mean(name, pipeline.steps)))  # fmt: skip
            case StepInput(step=name, output=output) if output not in pipeline.steps[name].outputs:
                found.append((f"input {port!r} reads {name}.{output}, which that step does not write",
                              did_you_mean(output, pipeline.steps[name].outputs)))  # fmt: skip
            case _:
                pass
    missing = [name for name in step.after if name not in pipeline.steps]
    found.extend((f"runs after {name!r}, which is not there", did_you_mean(name, pipeline.steps)) for name in missing)
    return found
