"""What types cannot say of pipelines: references between steps, circles, placeholders, and what models take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from ...core.suggestions import closest
from . import names, secrets
from .config import Config
from .pipelines import Pipeline, Step
from .problems import Place, problem_at, suggestion
from .tree import Node, Path

_PLACEHOLDER = re.compile(r"\{([a-z]+)\.([^{}]*)\}")


def pipeline_places(tree: Node, config: Config) -> Iterator[Place]:
    """Everything that is wrong with the pipelines, and with the models' references into them."""
    for name, pipeline in config.pipelines.items():
        path: Path = ("pipelines", name, "steps")
        if not pipeline.steps:
            yield problem_at(tree, path, f"pipeline '{name}' has no steps", at_key=True)
        for step_name, step in pipeline.steps.items():
            yield from _step(tree, (*path, step_name), step_name, step, pipeline, config)
        yield from _circles(tree, path, name, pipeline)
    for name in config.models:
        yield from _model(tree, name, config)


def _step(tree: Node, path: Path, name: str, step: Step, pipeline: Pipeline, config: Config) -> Iterator[Place]:
    if name == "data":
        yield problem_at(
            tree, path, "a step cannot be named 'data': data.NAME means a data source", hint="Rename it.", at_key=True
        )
    if problem := names.reserved(name):
        yield problem_at(tree, path, problem, at_key=True)
    for port, reference in step.inputs.items():
        if wrong := _dangling(reference, pipeline.steps, config):
            message, hint = wrong
            yield problem_at(tree, (*path, "inputs", port), f"input '{port}' of step '{name}': {message}", hint=hint)
    for index, other in enumerate(step.after):
        if other not in pipeline.steps:
            yield problem_at(
                tree, (*path, "after", index), f"step '{name}' comes after '{other}', which is not there",
                hint=suggestion(other, pipeline.steps),
            )  # fmt: skip
    if step.compute not in config.compute:
        yield problem_at(
            tree, (*path, "compute"), f"there is no compute '{step.compute}'",
            hint=suggestion(step.compute, config.compute),
        )  # fmt: skip
    if step.environment.isolated and step.environment.requirements is None:
        yield problem_at(
            tree, (*path, "environment", "isolated"), f"step '{name}' is isolated but names no requirements",
            hint="Add 'requirements: requirements.txt'.", at_key=True,
        )  # fmt: skip
    yield from _references(tree, path, name, step)
    yield from _command(tree, (*path, "command"), name, step)


def _references(tree: Node, path: Path, name: str, step: Step) -> Iterator[Place]:
    """Parameters and commands are recorded with each run and stand in the list of processes: no place for secrets."""
    values: list[tuple[Path, object]] = [(("parameters", key), value) for key, value in step.parameters.items()]
    if isinstance(step.command, list):
        values.extend((("command", index), word) for index, word in enumerate(step.command))
    for below, value in values:
        found = secrets.REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if found is not None:
            yield problem_at(
                tree, (*path, *below), f"step '{name}' takes no secret in its {below[0]}, which each run records",
                hint=secrets.hint_for_steps(found["name"]),
            )  # fmt: skip


def _dangling(reference: str, steps: Mapping[str, Step], config: Config) -> tuple[str, str] | None:
    owner, _, port = reference.partition(".")
    if owner == "data":
        sources = config.data.sources
        return None if port in sources else (f"there is no data source '{port}'", suggestion(port, sources))
    if owner not in steps:
        return f"there is no step '{owner}'", suggestion(owner, ["data", *steps])
    outputs = steps[owner].outputs
    return None if port in outputs else (f"step '{owner}' has no output '{port}'", suggestion(port, outputs))


def _command(tree: Node, path: Path, name: str, step: Step) -> Iterator[Place]:
    try:
        words = shlex.split(step.command) if isinstance(step.command, str) else step.command
    except ValueError:
        yield problem_at(tree, path, f"the command of step '{name}' has a quote that is not closed")
        return
    if not words:
        yield problem_at(tree, path, f"the command of step '{name}' has no words")
    known: dict[str, Mapping[str, object]] = {
        "inputs": step.inputs, "outputs": step.outputs, "parameters": step.parameters,
    }  # fmt: skip
    used: set[tuple[str, str]] = set()
    for kind, port in _PLACEHOLDER.findall("\n".join(words)):
        used.add((kind, port))
        if kind not in known:
            if closest(kind, known):
                yield problem_at(
                    tree, path, f"the command of step '{name}' uses {{{kind}.{port}}}, which is no placeholder",
                    hint=suggestion(kind, known),
                )  # fmt: skip
        elif port not in known[kind]:
            yield problem_at(
                tree, path, f"the command of step '{name}' uses {{{kind}.{port}}}, but there is no such {kind[:-1]}",
                hint=suggestion(port, known[kind]),
            )  # fmt: skip
    for port in step.outputs:
        if ("outputs", port) not in used:
            yield problem_at(
                tree, (*path[:-1], "outputs", port), f"the command of step '{name}' never gets its output '{port}'",
                hint=f"Pass {{outputs.{port}}} to the command, or remove the output.", at_key=True,
            )  # fmt: skip


def _circles(tree: Node, path: Path, name: str, pipeline: Pipeline) -> Iterator[Place]:
    circle = _circle({step: _before(one) & set(pipeline.steps) for step, one in pipeline.steps.items()})
    if circle:
        route = " → ".join((*circle, circle[0]))
        yield problem_at(
            tree, (*path, circle[0]), f"pipeline '{name}' goes in a circle: {route}",
            hint="Let one of these steps read something else.", at_key=True,
        )  # fmt: skip


def _before(step: Step) -> set[str]:
    return {reference.partition(".")[0] for reference in step.inputs.values()} | set(step.after)


def _circle(before: Mapping[str, set[str]]) -> list[str]:
    """One circle in the order in which the steps would wait for each other, or nothing."""
    left = dict(before)
    while free := [step for step, needs in left.items() if not needs & left.keys()]:
        for step in free:
            del left[step]
    if not left:
        return []
    step, route = min(left), list[str]()
    while step not in route:
        route.append(step)
        step = min(left[step] & left.keys())
    return route[route.index(step) :]


def _model(tree: Node, name: str, config: Config) -> Iterator[Place]:
    model = config.models[name]
    path: Path = ("models", name)
    pipeline = config.pipelines.get(model.pipeline)
    if pipeline is None:
        yield problem_at(
            tree, (*path, "pipeline"), f"model '{name}': there is no pipeline '{model.pipeline}'",
            hint=suggestion(model.pipeline, config.pipelines) or "Add a pipeline.",
        )  # fmt: skip
        return
    for key, reference, wanted in (("output", model.output, "model"), ("test", model.test, "dataset")):
        step, _, port = reference.partition(".")
        found = pipeline.steps[step].outputs.get(port) if step in pipeline.steps else None
        if found == wanted:
            continue
        fitting = [
            f"{owner}.{output}"
            for owner, one in pipeline.steps.items()
            for output, kind in one.outputs.items()
            if kind == wanted
        ]
        said = "is not there" if found is None else f"is a {found}, not a {wanted}"
        yield problem_at(
            tree, (*path, key), f"model '{name}': {key} '{reference}' of pipeline '{model.pipeline}' {said}",
            hint=suggestion(reference, fitting) or f"Give a step of this pipeline an output of type {wanted}.",
        )  # fmt: skip
