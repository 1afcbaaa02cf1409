"""What each step of a run would read and run: its cache key, its words, what the cache already holds of it."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ....core import digests
from ....core.errors import UsageError
from ....core.layout import Layout
from ... import graph
from ...contract.pipeline import DataInput, ParameterValue, Step
from ...contract.run import Artifact, Run, RunRequest
from ..data import sources
from . import cache, code_version, environments

_PLACEHOLDER = re.compile(r"\{(inputs|outputs|parameters)\.([a-z0-9_]+)\}")

Outputs = Mapping[str, Artifact]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request with all that is known before the first step starts.

    ``order`` holds the steps so that each stands after those it depends on, ``data`` the file and the digest of each
    data source that a step reads, ``codes`` the digests of each step's code.
    """

    request: RunRequest
    order: Sequence[str]
    data: Mapping[str, tuple[Path, str]]
    codes: Mapping[str, Mapping[str, str]]
    environments: Mapping[str, object]

    def step(self, name: str) -> Step:
        """A step by its name."""
        return self.request.pipeline.steps[name]

    def inputs(self, step: Step, made: Mapping[str, Outputs]) -> dict[str, tuple[Path, str]]:
        """The path and the digest of each input, from what the steps before it made."""
        found: dict[str, tuple[Path, str]] = {}
        for port, source in step.inputs.items():
            if isinstance(source, DataInput):
                found[port] = self.data[source.source]
            else:
                artifact = made[source.step][source.output]
                found[port] = (artifact.path, artifact.digest)
        return found

    def key(self, step: Step, inputs: Mapping[str, tuple[Path, str]]) -> str:
        """The digest of everything that decides what the step writes."""
        return digests.of_value(
            {
                "format": cache.FORMAT,
                "step": step.name,
                "command": step.command,
                "parameters": dict(step.parameters),
                "inputs": {port: digest for port, (_, digest) in inputs.items()},
                "outputs": dict(step.outputs),
                "code": dict(self.codes[step.name]),
                "environment": self.environments[step.name],
            }
        )


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the cache holds of a plan: keys and outputs of steps that need not run."""

    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    outputs: Mapping[str, Outputs] = field(default_factory=dict[str, Outputs])


def make(request: RunRequest, layout: Layout) -> Plan:
    """Plan a run. Raises UsageError for a pipeline that cannot work, DataError for data that is not there."""
    order = graph.validate(request.pipeline)
    steps = request.pipeline.steps
    for step in steps.values():
        _check_placeholders(step)
    read = {
        source.source for step in steps.values() for source in step.inputs.values() if isinstance(source, DataInput)
    }
    return Plan(
        request=request,
        order=order,
        data={name: sources.materialize(request.pipeline.sources[name], layout) for name in sorted(read)},
        codes={name: code_version.of_step(request.root, step) for name, step in steps.items()},
        environments={name: _environment(request.root, step) for name, step in steps.items()},
    )


def look_up(plan: Plan, store: cache.Cache) -> Known:
    """Follow the plan through the cache as far as it goes."""
    keys: dict[str, str] = {}
    outputs: dict[str, Outputs] = {}
    for name in plan.order:
        step = plan.step(name)
        if not step.cache or any(one not in outputs for one in step.dependencies):
            continue
        key = plan.key(step, plan.inputs(step, outputs))
        found = store.find(key)
        if found is not None and not isinstance(found, cache.Damage):
            keys[name], outputs[name] = key, found
    return Known(keys=keys, outputs=outputs)


def is_repetition(plan: Plan, known: Known, earlier: Run) -> bool:
    """Whether the earlier run did exactly what this plan would do."""
    return (
        earlier.status == "succeeded"
        and earlier.pipeline == plan.request.pipeline.name
        and earlier.environment == plan.request.environment
        and earlier.config_digest == plan.request.config_digest
        and {name: step.key for name, step in earlier.steps.items()} == dict(known.keys)
        and len(known.keys) == len(plan.order)
    )


def words(step: Step, *, python: str, inputs: Mapping[str, Path], outputs: Mapping[str, Path]) -> list[str]:
    """The command with its placeholders filled in; a first word ``python`` is the interpreter given."""
    values: dict[str, Mapping[str, Path | ParameterValue]] = {
        "inputs": inputs,
        "outputs": outputs,
        "parameters": step.parameters,
    }
    filled = [_PLACEHOLDER.sub(lambda match: _text(values[match[1]][match[2]]), word) for word in step.command]
    return [python if filled[0] == "python" else filled[0], *filled[1:]]


def _text(value: Path | ParameterValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _check_placeholders(step: Step) -> None:
    known: dict[str, Mapping[str, object]] = {
        "inputs": step.inputs,
        "outputs": step.outputs,
        "parameters": step.parameters,
    }
    if not step.command:
        raise UsageError(f"step {step.name!r} has no command")
    for word in step.command:
        for kind, name in _PLACEHOLDER.findall(word):
            if name not in known[kind]:
                raise UsageError(
                    f"step {step.name!r}: the command uses {{{kind}.{name}}}, which the step does not have",
                    hint=f"Known {kind}: {', '.join(known[kind]) or 'none'}.",
                )


def _environment(root: Path, step: Step) -> dict[str, object]:
    """What the step runs in, as far as it decides what it writes."""
    isolated = step.environment.isolated
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "machine": [sys.platform, platform.machine()],
        "isolated": isolated,
        "requirements": environments.requirements_digest(root, step.environment),
        "packages": "" if isolated else digests.of_value(dict(code_version.packages())),
        "path": os.environ.get("PYTHONPATH", ""),
    }
