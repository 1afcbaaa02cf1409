"""A pipeline as a graph: what every platform's compiler must keep, so that two platforms can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from ...lifecycle.contract.pipeline import DataInput, ParameterValue, Pipeline, StepInput


@dataclass(frozen=True, kw_only=True)
class PipelineGraph:
    """Steps and what connects them, by the names of the config.

    ``data`` holds (source, step, input), ``edges`` (step, output, step, input), ``order`` (earlier step, later step)
    for every dependency, read from data or asked for by ``after``; ``parameters`` (step, name, text on the command).
    """

    steps: frozenset[str]
    data: frozenset[tuple[str, str, str]]
    edges: frozenset[tuple[str, str, str, str]]
    order: frozenset[tuple[str, str]]
    parameters: frozenset[tuple[str, str, str]]


def of(pipeline: Pipeline) -> PipelineGraph:
    """The graph of a neutral pipeline."""
    ports = [(step.name, port, source) for step in pipeline.steps.values() for port, source in step.inputs.items()]
    return PipelineGraph(
        steps=frozenset(pipeline.steps),
        data=frozenset((source.source, step, port) for step, port, source in ports if isinstance(source, DataInput)),
        edges=frozenset(
            (source.step, source.output, step, port) for step, port, source in ports if isinstance(source, StepInput)
        ),
        order=frozenset((one, step.name) for step in pipeline.steps.values() for one in step.dependencies),
        parameters=frozenset(
            (step.name, name, text(value))
            for step in pipeline.steps.values()
            for name, value in step.parameters.items()
        ),
    )


def text(value: ParameterValue) -> str:
    """A parameter as it stands on a command, the same on every platform."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
