"""Translates the config's pipelines and data sources into the lifecycle's nouns, which know no config."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ..core.errors import NotFoundError, UsageError
from ..core.suggestions import did_you_mean
from ..lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepEnvironment, StepInput
from .config import pipelines
from .config.resolved import Resolved
from .config.section import seconds


def pipeline(resolved: Resolved, name: str | None = None) -> Pipeline:
    """A pipeline of the config; without a name the only one. Raises NotFoundError, UsageError."""
    chosen = choose(name, resolved.config.pipelines, what="pipeline")
    steps = resolved.config.pipelines[chosen].steps
    return Pipeline(
        name=chosen,
        steps={step_name: _step(step_name, step) for step_name, step in steps.items()},
        sources={source: data_source(resolved, source) for source in resolved.config.data.sources},
    )


def data_source(resolved: Resolved, name: str | None = None) -> DataSource:
    """A data source of the config; without a name the first one. Raises NotFoundError."""
    sources = resolved.config.data.sources
    chosen = next(iter(sources)) if name is None else choose(name, sources, what="data source")
    source = sources[chosen]
    path = resolved.root / source.path if source.path is not None else None
    return DataSource(name=chosen, path=path, sklearn=source.sklearn)


def served_model(resolved: Resolved, endpoint: str) -> str:
    """The model that an endpoint serves: the one it names, the one with its own name, or the only one."""
    models = resolved.config.models
    return resolved.config.endpoints[endpoint].model or (
        endpoint if endpoint in models else choose(None, models, what="model")
    )


def choose(name: str | None, known: Mapping[str, object], *, what: str) -> str:
    """The name that was given, or the only one there is. Raises NotFoundError or UsageError with the names."""
    if name is None:
        if len(known) == 1:
            return next(iter(known))
        raise UsageError(f"the project has {len(known)} {what}s; name one", hint=f"Known: {', '.join(known)}.")
    if name not in known:
        raise NotFoundError(f"there is no {what} {name!r}", hint=did_you_mean(name, known))
    return name


def _step(name: str, section: pipelines.Step) -> Step:
    command = section.command
    return Step(
        name=name,
        command=tuple(shlex.split(command) if isinstance(command, str) else command),
        inputs={port: _input(reference) for port, reference in section.inputs.items()},
        outputs=dict(section.outputs),
        parameters=dict(section.parameters),
        after=tuple(section.after),
        code=tuple(section.code),
        environment=StepEnvironment(**section.environment.model_dump()),
        compute=section.compute,
        timeout_seconds=seconds(section.timeout),
        retries=section.retries,
        cache=section.cache,
    )


def _input(reference: str) -> DataInput | StepInput:
    owner, _, port = reference.partition(".")
    return DataInput(source=port) if owner == "data" else StepInput(step=owner, output=port)
