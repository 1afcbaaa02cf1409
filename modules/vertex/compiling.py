"""Compiles a neutral pipeline into a KFP pipeline spec, by KFP's own compiler, and reads its graph back.

A step becomes a container component: the config's command, started by a small shell script that makes the folders of
the outputs, brings the code and the packages, and ends the step after its timeout (KFP has none for a task). What the
config says reaches the script as separate arguments, never as text that a shell would read. Every parameter is a
parameter of the pipeline, ``STEP__NAME``, and so is the URI of every data source, ``data__SOURCE``: a run may set them.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from ...core.errors import Problem
from ...core.noting import Noted
from ...lifecycle.contract.pipeline import ArtifactType, DataInput, Pipeline, Step, StepInput
from ..contract import graph as graphs
from ..contract.catalogue import MachineSize
from .step_environment import VARIABLES, StepImage

_LAUNCHER = """\
limit="$1"; code="$2"; package="$3"; requirements="$4"; shift 4
while [ "$1" != -- ]; do rm -rf "$1"; mkdir -p "$(dirname "$1")"; shift; done; shift
if [ -n "$code" ]; then cd "$(mktemp -d)"; base64 -d "$code" | tar -xf -; fi
if [ -n "$package$requirements" ]; then
  python -m pip install --quiet --no-input --root-user-action=ignore \\
    ${package:+"$package"} ${requirements:+-r "$requirements"}
fi
exec timeout -k 30 "$limit" "$@"
"""
"""Its arguments: seconds, the code's archive, a package and a requirements file to install, the outputs' paths, ``--``,
the command's words. What an attempt before left in the outputs goes."""

_ARTIFACTS: Mapping[ArtifactType, str] = {
    "dataset": "Dataset",
    "model": "Model",
    "metrics": "Metrics",
    "report": "HTML",
    "value": "Artifact",
}
_PLACEHOLDER = re.compile(r"(\{(?:inputs|outputs|parameters)\.[a-z0-9_]+\})")
_CODE = "code"
_DATASET = "/data.csv"
"""A dataset that a step writes is a folder with this file, so that the file's name ends as it does on a laptop."""

Spec = dict[str, Any]
"""A KFP pipeline spec as JSON holds it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the cloud adds to a neutral pipeline: by step its image and machine, the URIs of the data and of the code.

    ``code_uri`` is the archive that ``step_code`` makes, empty where there is no code.
    """

    images: Mapping[str, StepImage]
    data_uris: Mapping[str, str]
    machines: Mapping[str, MachineSize]
    code_uri: str = ""


def compile(pipeline: Pipeline, target: Target) -> Spec:
    """The pipeline spec. Raises UsageError for what KFP cannot tell apart or express."""
    noted = Noted()
    noted.problems.extend(_refused(pipeline, target))
    noted.refuse()
    return _compiled(_kfp_dsl(), pipeline, target)


def graph(compiled: Spec) -> graphs.PipelineGraph:
    """The graph that a pipeline spec describes, in the config's names."""
    dag: Spec = compiled["root"]["dag"]["tasks"]
    defaults: Spec = compiled["root"].get("inputDefinitions", {}).get("parameters", {})
    names = {task: str(spec["taskInfo"]["name"]) for task, spec in dag.items()}
    sources = {task: name.removeprefix("data.") for task, name in names.items() if name.startswith("data.")}
    steps = {task: name for task, name in names.items() if task not in sources and name != _CODE}
    read = [
        (reference["taskOutputArtifact"], steps[task], port.removeprefix("input_"))
        for task in steps
        for port, reference in dag[task].get("inputs", {}).get("artifacts", {}).items()
        if port != _CODE
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


def output(port: str) -> str:
    """The name of a step's output in its component."""
    return f"output_{port}"


def tasks(pipeline: Pipeline, *, with_code: bool) -> dict[str, str]:
    """By KFP's name of each task the step that it is, as KFP numbers those that would have the same name."""
    sources = {one.source for step in pipeline.steps.values() for one in step.inputs.values()
               if isinstance(one, DataInput)}  # fmt: skip
    taken: set[str] = set()
    for _ in range(len(sources) + with_code):
        taken.add(_unlike("importer", taken))
    found: dict[str, str] = {}
    for step in _in_order(pipeline):
        name = _unlike(step.name.replace("_", "-"), taken)
        taken.add(name)
        found[name] = step.name
    return found


def _unlike(name: str, taken: set[str]) -> str:
    endings = ("", *(f"-{number}" for number in range(2, len(taken) + 2)))
    return next(f"{name}{ending}" for ending in endings if f"{name}{ending}" not in taken)


def _refused(pipeline: Pipeline, target: Target) -> Iterator[Problem]:
    seen = {"data": "data", _CODE: _CODE}
    for name in pipeline.steps:
        other = seen.setdefault(name.replace("-", "_"), name)
        if other != name or name in ("data", _CODE):
            yield Problem(
                message=f"the step {name!r} of pipeline {pipeline.name!r} and {other!r} have the same name on Vertex "
                "AI",
                hint="Rename it: KFP does not tell a hyphen from an underscore; 'data' and 'code' are taken.",
            )
    for step in pipeline.steps.values():
        for source in step.inputs.values():
            if isinstance(source, DataInput) and source.source not in target.data_uris:
                yield Problem(message=f"step {step.name!r} reads data.{source.source}, which has no URI on Vertex AI")
        if any("{{$" in word for word in step.command):
            yield Problem(
                message=f"the command of step {step.name!r} holds '{{{{$', which KFP would take for a placeholder of "
                "its own",
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
        # The same URI may hold other rows tomorrow: only a new artifact keeps the steps that read it out of the cache.
        found = {name: _imported(dsl, f"data.{name}", values[parameter("data", name)], new=True) for name in read}
        if target.code_uri:
            found[_CODE] = _imported(dsl, _CODE, target.code_uri, new=False)
        _add_steps(dsl, pipeline, target, values, found)

    _sign(build, pipeline.name, {name: (str, value) for name, value in defaults.items()})
    component = dsl.pipeline(name=_name(pipeline))(build)
    return json_format.MessageToDict(component.pipeline_spec)


def _name(pipeline: Pipeline) -> str:
    """The pipeline's name, with an ending where a step has it too: KFP would read that step for the whole."""
    steps, name = {one.replace("_", "-") for one in pipeline.steps}, pipeline.name.replace("_", "-")
    while name in steps:
        name = f"{name}-pipeline"
    return name


def _add_steps(
    dsl: Any, pipeline: Pipeline, target: Target, values: Mapping[str, Any], sources: Mapping[str, Any]
) -> None:
    tasks: dict[str, Any] = {}
    for step in _in_order(pipeline):
        arguments = {f"parameter_{one}": values[parameter(step.name, one)] for one in step.parameters}
        for port, source in step.inputs.items():
            arguments[f"input_{port}"] = (
                sources[source.source]
                if isinstance(source, DataInput)
                else tasks[source.step].outputs[output(source.output)]
            )
        if target.code_uri:
            arguments[_CODE] = sources[_CODE]
        task = _component(dsl, pipeline, step, target)(**arguments)
        _configure(task, step, target.machines.get(step.name))
        tasks[step.name] = task.after(*(tasks[one] for one in step.after))


def _in_order(pipeline: Pipeline) -> list[Step]:
    sorter = TopologicalSorter({name: sorted(step.dependencies) for name, step in pipeline.steps.items()})
    return [pipeline.steps[name] for name in sorter.static_order()]


def _imported(dsl: Any, name: str, uri: Any, *, new: bool) -> Any:
    task = dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset if new else dsl.Artifact, reimport=new)
    return task.set_display_name(name).output


def _component(dsl: Any, pipeline: Pipeline, step: Step, target: Target) -> Any:
    environment, ports = target.images[step.name], _ports(dsl, pipeline, step)
    if target.code_uri:
        ports[_CODE] = dsl.Input[dsl.Artifact]

    def run(*channels: Any) -> Any:
        given = dict(zip(ports, channels, strict=True))
        filled = _filled(pipeline, step, given)
        return dsl.ContainerSpec(
            image=environment.image,
            command=["sh", "-ec", _LAUNCHER, step.name],
            args=[
                str(step.timeout_seconds),
                given[_CODE].path if target.code_uri else "",
                environment.package,
                environment.requirements,
                *(_word(dsl, f"{{outputs.{port}}}", filled) for port in step.outputs),
                "--",
                *(_word(dsl, word, filled) for word in step.command),
            ],
        )

    _sign(run, step.name, {port: (annotation, inspect.Parameter.empty) for port, annotation in ports.items()})
    return dsl.container_component(run)


def _ports(dsl: Any, pipeline: Pipeline, step: Step) -> dict[str, Any]:
    """The component's interface. With the prefixes no two ports are the same, nor a word of Python's."""
    inputs = {port: getattr(dsl, _ARTIFACTS[_type(pipeline, source)]) for port, source in step.inputs.items()}
    outputs = {port: getattr(dsl, _ARTIFACTS[kind]) for port, kind in step.outputs.items()}
    return {
        **{f"parameter_{name}": str for name in step.parameters},
        **{f"input_{port}": dsl.Input[artifact] for port, artifact in inputs.items()},
        **{output(port): dsl.Output[artifact] for port, artifact in outputs.items()},
    }


def _type(pipeline: Pipeline, source: DataInput | StepInput) -> ArtifactType:
    return "dataset" if isinstance(source, DataInput) else pipeline.steps[source.step].outputs[source.output]


def _filled(pipeline: Pipeline, step: Step, given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What stands for each placeholder of a command, in parts."""
    found = {f"{{parameters.{name}}}": [given[f"parameter_{name}"]] for name in step.parameters}
    for port, source in step.inputs.items():
        in_folder = isinstance(source, StepInput) and _type(pipeline, source) == "dataset"
        found[f"{{inputs.{port}}}"] = [given[f"input_{port}"].path, *([_DATASET] if in_folder else [])]
    for port, kind in step.outputs.items():
        found[f"{{outputs.{port}}}"] = [given[output(port)].path, *([_DATASET] if kind == "dataset" else [])]
    return found


def _word(dsl: Any, word: str, filled: Mapping[str, list[Any]]) -> Any:
    parts = [part for text in _PLACEHOLDER.split(word) if text for part in filled.get(text, [text])]
    if len(parts) > 1:
        return dsl.ConcatPlaceholder(parts)
    return parts[0] if parts else ""


def _configure(task: Any, step: Step, machine: MachineSize | None) -> None:
    task.set_display_name(step.name)
    task.set_caching_options(step.cache)
    for name, value in VARIABLES.items():
        task.set_env_variable(name, value)
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
