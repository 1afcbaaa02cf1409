"""Compiles a neutral pipeline into Azure ML's component specs, by azure-ai-ml's own entities, and reads its graph back.

A step becomes a command component, the pipeline a pipeline component of them; the SDK validates each, without a
workspace, a network or credentials. What Azure ML has no word for is said in the command (step_command.py): an order
without data is a file that the earlier step leaves, a retry is the command once more. Every parameter is an input of
the pipeline, ``STEP__NAME``, and so is every data source, ``data__SOURCE``: a run may set them.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...core import digests
from ...core.errors import Problem, UsageError
from ...core.extras import load
from ...core.noting import Noted
from ...lifecycle.contract.pipeline import ArtifactType, DataInput, Pipeline, Step, StepInput
from ..contract import graph as graphs
from . import step_command
from .step_environment import StepImage

_BINDING = re.compile(r"\$\{\{parent\.(?:jobs\.(\w+)\.outputs|inputs)\.(\w+)\}\}")
_TYPES: Mapping[ArtifactType, str] = {
    "dataset": "uri_folder",
    "model": "mlflow_model",
    "metrics": "uri_file",
    "report": "uri_file",
    "value": "uri_file",
}
"""Azure ML's types of outputs. A dataset is a folder with one file, so that the file's name ends in ``.csv``."""

_VARIABLES = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}
"""What a step finds in its environment on every platform."""

_AFTER = "groundplan__after_"
_DATA = "data"

Spec = dict[str, Any]
"""A component spec as Azure Resource Manager takes it; ids of what it refers to are ``azureml:NAME:VERSION``."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the cloud adds to a neutral pipeline, by step: its image, its compute's name, the version of its code."""

    images: Mapping[str, StepImage]
    computes: Mapping[str, str]
    codes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class CompiledComponent:
    """A component to register. Its version is the digest of its spec: what has changed has another version."""

    name: str
    version: str
    spec: Spec


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A compiled pipeline, and the components of its steps by the config's names."""

    pipeline: CompiledComponent
    steps: Mapping[str, CompiledComponent]


_COMPILED: dict[str, Compiled] = {}


def compile(pipeline: Pipeline, target: Target) -> Compiled:
    """The components. Raises UsageError for what Azure ML cannot tell apart or express, or the SDK refuses.

    The same pipeline is compiled once in a process, however many environments it is planned for.
    """
    key = digests.of_value(repr((pipeline, target)))
    if key not in _COMPILED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the SDK's own, of what it uses that will be gone some day
            _COMPILED[key] = _compiled(pipeline, target)
    return _COMPILED[key]


def graph(compiled: Compiled) -> graphs.PipelineGraph:
    """The graph that the components describe, in the config's names."""
    spec = compiled.pipeline.spec
    steps = {node: str(one["display_name"]) for node, one in spec["jobs"].items()}
    inputs: Mapping[str, Spec] = spec.get("inputs", {})
    data: set[tuple[str, str, str]] = set()
    edges: set[tuple[str, str, str, str]] = set()
    order: set[tuple[str, str]] = set()
    parameters: set[tuple[str, str, str]] = set()
    for node, port, (earlier, bound) in _bindings(spec):
        step = steps[node]
        read, parameter = step_command.data_of(port), step_command.parameter_of(port)
        if earlier:
            order.add((steps[earlier], step))
        if read is not None and earlier:
            edges.add((steps[earlier], bound, step, read))
        elif read is not None:
            data.add((inputs[bound]["description"], step, read))
        elif parameter is not None:
            parameters.add((step, parameter, step_command.decoded(inputs[bound]["default"])))
    return graphs.PipelineGraph(
        steps=frozenset(steps.values()),
        data=frozenset(data),
        edges=frozenset(edges),
        order=frozenset(order),
        parameters=frozenset(parameters),
    )


def parameter(owner: str, name: str) -> str:
    """The pipeline's input for a step's parameter, or for a data source (``data``)."""
    return f"{identifier(owner)}__{identifier(name)}"


def identifier(name: str) -> str:
    """A name of the config in the form that Azure ML asks for: without hyphens."""
    return name.replace("-", "_")


def sources(pipeline: Pipeline) -> list[str]:
    """The data sources that the steps read, sorted."""
    return sorted(
        {one.source for step in pipeline.steps.values() for one in step.inputs.values() if isinstance(one, DataInput)}
    )


def _compiled(pipeline: Pipeline, target: Target) -> Compiled:
    noted = Noted()
    noted.problems.extend(_same_names(pipeline))
    sdk = _sdk()
    entities = noted.each(pipeline.steps, lambda name: _command(sdk, pipeline, pipeline.steps[name], target))
    noted.refuse()
    steps = {name: _registered(entity) for name, entity in entities.items()}
    nodes = {identifier(name): _node(sdk, step, entities[name], target) for name, step in pipeline.steps.items()}
    whole = _pipeline(sdk, pipeline, nodes)
    for name, one in steps.items():
        # The SDK validates the entities themselves, and writes their ids once it has registered them.
        nodes[identifier(name)]._component = f"azureml:{one.name}:{one.version}"  # noqa: SLF001
    return Compiled(pipeline=_registered(whole), steps=steps)


def _same_names(pipeline: Pipeline) -> Iterator[Problem]:
    for what, known in (("steps", [*pipeline.steps]), ("data sources", sources(pipeline))):
        seen: dict[str, str] = {}
        for name in known:
            other = seen.setdefault(identifier(name), name)
            if other != name:
                yield Problem(
                    message=f"the {what} {other!r} and {name!r} of pipeline {pipeline.name!r} have the same name for "
                    "Azure ML",
                    hint="Rename one: Azure ML does not tell a hyphen from an underscore.",
                )

    for step in pipeline.steps.values():
        for name in step.parameters if identifier(step.name) == _DATA else ():
            if parameter(_DATA, name) in {parameter(_DATA, source) for source in sources(pipeline)}:
                yield Problem(
                    message=f"the parameter {name!r} of step {step.name!r} has the same name for Azure ML as the data "
                    "source",
                    hint="Rename the step, the parameter or the data source.",
                )


def _sdk() -> Any:
    """azure-ai-ml, which takes a second to import and would tell of its experimental classes on standard error."""
    logging.getLogger("azure.ai.ml._utils._experimental").setLevel(logging.ERROR)
    return load("azure.ai.ml")


def _command(sdk: Any, pipeline: Pipeline, step: Step, target: Target) -> Any:
    waited_for = any(step.name in other.after for other in pipeline.steps.values())
    datasets = [port for port, one in step.inputs.items() if _type(pipeline, one) == _TYPES["dataset"]]
    outputs = {port: sdk.Output(type=_TYPES[kind]) for port, kind in step.outputs.items()}
    if waited_for:
        outputs[step_command.FINISHED] = sdk.Output(type="uri_file")
    entity = sdk.entities.CommandComponent(
        name=f"{identifier(pipeline.name)}__{identifier(step.name)}",
        display_name=step.name,
        command=step_command.line(step, datasets=datasets, finished=waited_for),
        inputs=_inputs(sdk, pipeline, step),
        outputs=outputs,
        environment=f"azureml:{pipeline.name}:{target.images[step.name].version}",
        code=f"azureml:{pipeline.name}:{target.codes[step.name]}" if step.name in target.codes else None,
        is_deterministic=step.cache,
    )
    _validate(entity)
    return entity


def _inputs(sdk: Any, pipeline: Pipeline, step: Step) -> dict[str, Any]:
    found = {step_command.data_input(port): sdk.Input(type=_type(pipeline, one)) for port, one in step.inputs.items()}
    for name, value in step.parameters.items():
        found[step_command.parameter_input(name)] = sdk.Input(type="string", default=step_command.encoded(value))
    return found | {f"{_AFTER}{number}": sdk.Input(type="uri_file") for number, _ in enumerate(step.after)}


def _type(pipeline: Pipeline, source: DataInput | StepInput) -> str:
    """The type of an input. A data source is one file at the cloud."""
    return "uri_file" if isinstance(source, DataInput) else _TYPES[pipeline.steps[source.step].outputs[source.output]]


def _node(sdk: Any, step: Step, entity: Any, target: Target) -> Any:
    bound = {step_command.data_input(port): _bound(one) for port, one in step.inputs.items()}
    for name in step.parameters:
        bound[step_command.parameter_input(name)] = f"${{{{parent.inputs.{parameter(step.name, name)}}}}}"
    for number, earlier in enumerate(step.after):
        bound[f"{_AFTER}{number}"] = _bound(StepInput(step=earlier, output=step_command.FINISHED))
    node = entity(**bound)
    node.name = identifier(step.name)
    node.display_name = step.name
    node.compute = f"azureml:{target.computes[step.name]}"
    node.limits = sdk.entities.CommandJobLimits(timeout=step_command.seconds(step))
    node.identity = sdk.entities.ManagedIdentityConfiguration()
    node.environment_variables = dict(_VARIABLES)
    return node


def _bound(source: DataInput | StepInput) -> str:
    if isinstance(source, DataInput):
        return f"${{{{parent.inputs.{parameter(_DATA, source.source)}}}}}"
    return f"${{{{parent.jobs.{identifier(source.step)}.outputs.{source.output}}}}}"


def _pipeline(sdk: Any, pipeline: Pipeline, nodes: Mapping[str, Any]) -> Any:
    inputs = {parameter(_DATA, source): sdk.Input(type="uri_file", description=source) for source in sources(pipeline)}
    for step in pipeline.steps.values():
        for name, value in step.parameters.items():
            inputs[parameter(step.name, name)] = sdk.Input(type="string", default=step_command.encoded(value))
    entity = sdk.entities.PipelineComponent(
        name=identifier(pipeline.name), display_name=pipeline.name, inputs=inputs, jobs=dict(nodes)
    )
    _validate(entity)
    return entity


def _validate(entity: Any) -> None:
    result = entity._validate()  # noqa: SLF001 the public way needs a client with credentials
    if not result.passed:
        raise UsageError(
            f"Azure ML's SDK refuses the component {entity.name!r}: "
            + "; ".join(f"{place}: {message}" for place, message in result.error_messages.items())
        )


def _registered(entity: Any) -> CompiledComponent:
    rest = entity._to_rest_object().as_dict()  # noqa: SLF001 what a client would send
    spec: Spec = {key: value for key, value in rest["properties"]["componentSpec"].items() if value is not None}
    version = digests.of_value(spec).removeprefix("sha256:")[:16]
    return CompiledComponent(name=entity.name, version=version, spec=spec | {"version": version})


def _bindings(spec: Spec) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Each bound input of each node: node, input, and what it is bound to: a node's output, or the pipeline's input."""
    for node, one in spec["jobs"].items():
        for port, given in one.get("inputs", {}).items():
            found = _BINDING.fullmatch(given["value"])
            if found is not None:
                yield node, port, (found[1] or "", found[2])
