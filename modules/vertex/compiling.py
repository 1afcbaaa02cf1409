"""Compiles a neutral pipeline into a KFP pipeline spec, by KFP's own compiler, and reads its graph back.

A step becomes a container component: the config's command, started by a small shell script that makes the folders of
the outputs and ends the step after its timeout (KFP has no timeout of its own for a task). What the config says reaches
the script as separate arguments, never as text that a shell would read. Every parameter is a parameter of the pipeline,
``STEP__NAME``, and so is the URI of every data source, ``data__SOURCE``: a run may set them.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import UsageError
from ...lifecycle.contract.pipeline import ArtifactType, DataInput, Pipeline, Step
from ..contract import graph as graphs
from ..contract.catalogue import MachineSize

_LAUNCHER = (
    'limit="$1"; shift; '
    'while [ "$1" != -- ]; do mkdir -p "$(dirname "$1")"; shift; done; '
    'shift; exec timeout -k 30 "$limit" "$@"'
)
"""Its arguments: seconds, the outputs' paths, ``--``, the command's words."""

_ARTIFACTS: Mapping[ArtifactType, str] = {
    "dataset": "Dataset",
    "model": "Model",
    "metrics": "Metrics",
    "report": "HTML",
    "value": "Artifact",
}
_PLACEHOLDER = re.compile(r"(\{(?:inputs|outputs|parameters)\.[a-z0-9_]+\})")
_PREFIXES = {"inputs": "input_", "outputs": "output_", "parameters": "parameter_"}
"""Ports of one step may share a name, or be a word of Python's; with the prefix no two are the same."""

Spec = dict[str, Any]
"""A KFP pipeline spec as JSON holds it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the cloud adds to a neutral pipeline: each step's image and machine by the step's name, the data's URIs."""

    images: Mapping[str, str]
    data_uris: Mapping[str, str]
    machines: Mapping[str, MachineSize]


def compile(pipeline: Pipeline, target: Target) -> Spec:
    """The pipeline spec. Raises UsageError for what KFP cannot tell apart or express."""
    _check(pipeline, target)
    return _compiled(_kfp_dsl(), pipeline, target)


def graph(compiled: Spec) -> graphs.PipelineGraph:
    """The graph that a pipeline spec describes, in the config's names."""
    dag: Spec = compiled["root"]["dag"]["tasks"]
    defaults: Spec = compiled["root"].get("inputDefinitions", {}).get("parameters", {})
    names = {task: str(spec["taskInfo"]["name"]) for task, spec in dag.items()}
    sources = {task: name.removeprefix("data.") for task, name in names.items() if name.startswith("data.")}
    steps = {task: name for task, name in names.items() if task not in sources}
    read = [
        (reference["taskOutputArtifact"], steps[task], port.removeprefix("input_"))
        for task in steps
        for port, reference in dag[task].get("inputs", {}).get("artifacts", {}).items()
    ]
    return graphs.PipelineGraph(
        steps=frozenset(steps.values()),
        data=frozenset(
            (sources[one["producerTask"]], step, port) for one, step, port in read if one["producerTask"] in sources
        ),
        edges=frozenset(
            (steps[one["producerTask"]], one["outputArtifactKey"].removeprefix("output_"), step, port)
            for one, step, port in read
            if one["producerTask"] in steps
        ),
        order=frozenset(
            (steps[earlier], steps[task])
            for task in steps
            for earlier in dag[task].get("dependentTasks", ())
            if earlier in steps
        ),
        parameters=frozenset(
            (steps[task], name.removeprefix("parameter_"), defaults[value["componentInputParameter"]]["defaultValue"])
            for task in steps
            for name, value in dag[task].get("inputs", {}).get("parameters", {}).items()
        ),
    )


def parameter(owner: str, name: str) -> str:
    """The name of the pipeline's parameter for a step's parameter, or for the URI of a data source (``data``)."""
    return f"{owner.replace('-', '_')}__{name.replace('-', '_')}"


def _check(pipeline: Pipeline, target: Target) -> None:
    seen: dict[str, str] = {}
    for name in pipeline.steps:
        other = seen.setdefault(name.replace("-", "_"), name)
        if other != name:
            raise UsageError(
                f"the steps {other!r} and {name!r} of pipeline {pipeline.name!r} have the same name for KFP",
                hint="Rename one: KFP does not tell a hyphen from an underscore.",
            )
    for step in pipeline.steps.values():
        for source in step.inputs.values():
            if isinstance(source, DataInput) and source.source not in target.data_uris:
                raise UsageError(f"step {step.name!r} reads data.{source.source}, which has no URI on Vertex AI")
        if any("{{$" in word for word in step.command):
            raise UsageError(
                f"the command of step {step.name!r} holds '{{{{$', which KFP would take for a placeholder of its own",
                hint="Read that text from a file of the step's code instead.",
            )


def _kfp_dsl() -> Any:
    """KFP's language without its client, which would bring Kubernetes' own and take two seconds (KFP's switch)."""
    switch, before = "_KFP_RUNTIME", os.environ.get("_KFP_RUNTIME")
    os.environ[switch] = "true"
    try:
        import kfp  # pyright: ignore[reportMissingTypeStubs, reportUnusedImport]  # noqa: F401
    finally:
        os.environ.pop(switch)
        if before is not None:
            os.environ[switch] = before
    from kfp import dsl  # pyright: ignore[reportMissingTypeStubs]

    return dsl


def _compiled(dsl: Any, pipeline: Pipeline, target: Target) -> Spec:
    from google.protobuf import json_format

    read = sorted(
        {one.source for step in pipeline.steps.values() for one in step.inputs.values() if isinstance(one, DataInput)}
    )
    defaults = {parameter("data", source): target.data_uris[source] for source in read}
    for step in pipeline.steps.values():
        defaults |= {parameter(step.name, name): graphs.text(value) for name, value in step.parameters.items()}

    def build(*channels: Any) -> None:
        values = dict(zip(defaults, channels, strict=True))
        sources = {name: _imported(dsl, name, values[parameter("data", name)]) for name in read}
        _add_steps(dsl, pipeline, target, values, sources)

    _sign(build, pipeline.name, {name: (str, value) for name, value in defaults.items()})
    component = dsl.pipeline(name=pipeline.name.replace("_", "-"))(build)
    return json_format.MessageToDict(component.pipeline_spec)


def _add_steps(
    dsl: Any, pipeline: Pipeline, target: Target, values: Mapping[str, Any], sources: Mapping[str, Any]
) -> None:
    tasks: dict[str, Any] = {}
    waiting = dict(pipeline.steps)
    while waiting:
        for name in [name for name, step in waiting.items() if step.dependencies <= tasks.keys()]:
            step = waiting.pop(name)
            arguments = {f"parameter_{one}": values[parameter(name, one)] for one in step.parameters}
            for port, source in step.inputs.items():
                arguments[f"input_{port}"] = (
                    sources[source.source].output
                    if isinstance(source, DataInput)
                    else tasks[source.step].outputs[f"output_{source.output}"]
                )
            task = _component(dsl, pipeline, step, target.images[name])(**arguments)
            _configure(task, step, target.machines.get(name))
            tasks[name] = task.after(*(tasks[one] for one in step.after))


def _imported(dsl: Any, source: str, uri: Any) -> Any:
    # The same URI may hold other rows tomorrow: only a new artifact keeps the steps that read it out of the cache.
    task = dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset, reimport=True)
    return task.set_display_name(f"data.{source}")


def _component(dsl: Any, pipeline: Pipeline, step: Step, image: str) -> Any:
    ports: dict[str, tuple[Any, Any]] = {}
    for port, source in step.inputs.items():
        kind = "dataset" if isinstance(source, DataInput) else pipeline.steps[source.step].outputs[source.output]
        ports[f"input_{port}"] = (dsl.Input[getattr(dsl, _ARTIFACTS[kind])], inspect.Parameter.empty)
    for port, kind in step.outputs.items():
        ports[f"output_{port}"] = (dsl.Output[getattr(dsl, _ARTIFACTS[kind])], inspect.Parameter.empty)
    ports |= {f"parameter_{name}": (str, inspect.Parameter.empty) for name in step.parameters}

    def run(*channels: Any) -> Any:
        given = dict(zip(ports, channels, strict=True))
        outputs = [given[f"output_{port}"].path for port in step.outputs]
        words = [_word(dsl, word, given) for word in step.command]
        return dsl.ContainerSpec(
            image=image,
            command=["sh", "-ec", _LAUNCHER, step.name],
            args=[str(step.timeout_seconds), *outputs, "--", *words],
        )

    _sign(run, step.name, ports)
    return dsl.container_component(run)


def _word(dsl: Any, word: str, given: Mapping[str, Any]) -> Any:
    parts = [_part(part, given) for part in _PLACEHOLDER.split(word) if part]
    if len(parts) > 1:
        return dsl.ConcatPlaceholder(parts)
    return parts[0] if parts else ""


def _part(text: str, given: Mapping[str, Any]) -> Any:
    if not _PLACEHOLDER.fullmatch(text):
        return text
    kind, _, port = text.strip("{}").partition(".")
    channel = given[_PREFIXES[kind] + port]
    return channel if kind == "parameters" else channel.path


def _configure(task: Any, step: Step, machine: MachineSize | None) -> None:
    task.set_display_name(step.name)
    task.set_caching_options(step.cache)
    if step.retries:
        task.set_retry(num_retries=step.retries, backoff_duration="60s", backoff_factor=2.0)
    if machine is None:
        return
    task.set_cpu_limit(str(machine.vcpus))
    task.set_memory_limit(f"{round(machine.memory_gib * 1024)}Mi")
    if machine.gpus:
        task.set_accelerator_type(machine.accelerator)
        task.set_accelerator_limit(machine.gpus)


def _sign(function: Any, name: str, parameters: Mapping[str, tuple[Any, Any]]) -> None:
    """Give a function the name and the signature that KFP reads a component's interface from."""
    function.__name__ = name.replace("-", "_")
    function.__signature__ = inspect.Signature(
        [
            inspect.Parameter(one, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)
            for one, (annotation, default) in parameters.items()
        ]
    )
