"""Translates the config's sections into the lifecycle's nouns, which know no config."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ..core.errors import NotFoundError, UsageError
from ..core.suggestions import did_you_mean
from ..lifecycle.contract.deployment import EndpointSettings
from ..lifecycle.contract.model import ModelPlan
from ..lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepEnvironment, StepInput
from ..lifecycle.contract.rubric import Bounds, ChampionRule, DisturbanceRule, FairnessRule, Rubric, SliceRule
from ..stacks.config import evaluation as sections
from ..stacks.config import pipelines
from ..stacks.config.evaluation import Evaluation, Threshold
from ..stacks.config.reading import read_all
from ..stacks.config.resolved import Resolved
from ..stacks.config.section import seconds


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


def model_plans(resolved: Resolved, pipeline_name: str | None = None) -> tuple[ModelPlan, ...]:
    """What the config says of each model, of all or of those that one pipeline makes."""
    environments = read_all(resolved.root)
    return tuple(
        _model_plan(name, resolved, environments)
        for name, model in resolved.config.models.items()
        if pipeline_name is None or model.pipeline == pipeline_name
    )


def model_plan(resolved: Resolved, name: str | None = None) -> ModelPlan:
    """What the config says of one model; without a name of the only one. Raises NotFoundError, UsageError."""
    chosen = choose(name, resolved.config.models, what="model")
    return _model_plan(chosen, resolved, read_all(resolved.root))


def endpoint_settings(resolved: Resolved, name: str | None = None) -> EndpointSettings:
    """An endpoint of the config in the resolved environment; without a name the only one."""
    chosen = choose(name, resolved.config.endpoints, what="endpoint")
    section = resolved.config.endpoints[chosen]
    return EndpointSettings(
        name=chosen,
        environment=resolved.environment,
        model=served_model(resolved, chosen),
        host=section.host,
        port=section.port,
        api_key=section.api_key,
        allowed_hosts=tuple(section.allowed_hosts),
        max_body_bytes=section.max_body_bytes,
        max_batch_rows=section.max_batch_rows,
        request_timeout_seconds=seconds(section.request_timeout),
        startup_timeout_seconds=seconds(section.startup_timeout),
        log_requests=section.log_requests,
        log_sample=section.log_sample,
    )


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


def _output(reference: str) -> StepInput:
    step, _, output = reference.partition(".")
    return StepInput(step=step, output=output)


def _model_plan(name: str, resolved: Resolved, environments: Mapping[str, Resolved]) -> ModelPlan:
    model = resolved.config.models[name]
    return ModelPlan(
        name=name,
        pipeline=model.pipeline,
        task=model.task or resolved.config.data.task,
        target=model.target or resolved.config.data.target,
        model_output=_output(model.output),
        test_output=_output(model.test),
        rubrics={
            environment: _rubric(environment, _evaluation(name, one)) for environment, one in environments.items()
        },
        approvals=_approvals(resolved),
        positive_class=model.positive_class,
        trusted_types=tuple(model.trusted_types),
        owner=resolved.config.owner or "",
        description=model.description,
        intended_use=model.intended_use,
        limitations=model.limitations,
    )


def _evaluation(name: str, resolved: Resolved) -> Evaluation:
    model = resolved.config.models.get(name)
    return (model.evaluation if model is not None else None) or resolved.config.evaluation


def _approvals(resolved: Resolved) -> dict[str, tuple[str, ...]]:
    team = resolved.config.team
    return {
        name: (
            *settings.approval.approvers,
            *(person for role in settings.approval.roles for person in team.get(role, ())),
        )
        for name, settings in resolved.environments.items()
        if settings.approval is not None
    }


def _rubric(environment: str, section: Evaluation) -> Rubric:
    return Rubric(
        environment=environment,
        metrics={metric: _bounds(threshold) for metric, threshold in section.metrics.items()},
        slices=tuple(
            SliceRule(column=rule.column, metric=rule.metric, bounds=_bounds(rule),
                      values=None if rule.values is None else tuple(rule.values), min_rows=rule.min_rows)
            for rule in section.slices
        ),
        fairness=tuple(
            FairnessRule(column=rule.column, metric=rule.metric, bounds=_bounds(rule), min_rows=rule.min_rows)
            for rule in section.fairness
        ),
        disturbances=tuple(_disturbances(section.robustness)),
        champion=_champion(section.champion),
        max_age_seconds=seconds(section.max_age),
        seed=section.seed,
    )  # fmt: skip


def _bounds(threshold: Threshold) -> Bounds:
    return Bounds(min=threshold.min, max=threshold.max)


def _disturbances(robustness: sections.Robustness) -> list[DisturbanceRule]:
    rules: list[DisturbanceRule] = []
    if robustness.noise is not None:
        rules.append(DisturbanceRule(kind="noise", **robustness.noise.model_dump()))
    if robustness.missing is not None:
        rules.append(DisturbanceRule(kind="missing", **robustness.missing.model_dump()))
    return rules


def _champion(section: sections.Champion) -> ChampionRule | None:
    if not section.enabled:
        return None
    return ChampionRule(**section.model_dump(exclude={"enabled"}))
