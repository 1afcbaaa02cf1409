"""Translates the config's sections into the lifecycle's nouns, which know no config."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.errors import UsageError
from ..lifecycle.contract.deployment import EndpointSettings
from ..lifecycle.contract.model import ModelPlan
from ..lifecycle.contract.monitoring import MonitorPlan
from ..lifecycle.contract.pipeline import StepInput
from ..lifecycle.contract.retraining import RetrainingPlan
from ..lifecycle.contract.rollout import Conditions, Experiment, RolloutPlan, Strategy
from ..lifecycle.contract.rubric import Bounds, ChampionRule, DisturbanceRule, FairnessRule, Rubric, SliceRule
from ..lifecycle.rollout_phases import phases
from ..stacks.config import evaluation as sections
from ..stacks.config import rollouts
from ..stacks.config.evaluation import Evaluation, Model, Threshold
from ..stacks.config.reading import read_all
from ..stacks.config.resolved import Resolved
from ..stacks.config.section import seconds
from ..stacks.pipelines import choose, served_model
from ..stacks.places import machines
from ..stacks.support import most_mirrored, support


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
        kind=section.kind,
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
        redact=tuple(section.redact),
        log_max_mb=section.log_max_mb,
        machines=None if resolved.config.platform == "local" else machines(resolved, chosen),
    )


def retraining_plan(resolved: Resolved) -> RetrainingPlan:
    """When the models of the resolved environment are trained again."""
    section = resolved.config.retraining
    return RetrainingPlan(
        schedule=section.schedule or "",
        on_drift=section.on_drift,
        on_performance=section.on_performance,
        new_rows=section.new_rows or 0,
        cool_down_seconds=seconds(section.cool_down),
        window_seconds=None if section.window is None else seconds(section.window),
        time_column=section.time_column or "",
        max_runs_per_month=section.max_runs_per_month,
    )


def rollout_plan(resolved: Resolved, name: str | None = None, strategy: Strategy | None = None) -> RolloutPlan:
    """How new versions take over an endpoint of the config; ``strategy`` stands in for the config's.

    Raises UsageError for strategy ``ab`` or ``canary`` where the config does not say what they need.
    """
    chosen = choose(name, resolved.config.endpoints, what="endpoint")
    section = resolved.config.endpoints[chosen].rollout
    wanted = strategy or section.strategy
    _demand_supported(resolved, wanted)
    if wanted == "ab" and section.experiment is None:
        raise UsageError("strategy 'ab' needs 'experiment', which says what is compared",
                         hint=f"Add to endpoints.{chosen}.rollout: experiment: {{metric: accuracy}}")  # fmt: skip
    if wanted in ("ab", "canary") and not section.steps:
        raise UsageError(f"strategy '{wanted}' needs at least one step",
                         hint=f"Add to endpoints.{chosen}.rollout: steps: [{{traffic: 10}}]")  # fmt: skip
    environment = resolved.environments[resolved.environment]
    mirrored = most_mirrored(resolved.config.platform)
    return RolloutPlan(
        endpoint=chosen,
        environment=resolved.environment,
        strategy=wanted,
        phases=phases(
            wanted,
            shadow_seconds=0 if section.shadow is None else seconds(section.shadow),
            steps=[(step.traffic, seconds(step.bake)) for step in section.steps],
            stand_by_seconds=seconds(section.stand_by),
            min_requests=section.rollback.min_requests,
            mirrors=mirrored > 0,
        ),
        conditions=_conditions(section.rollback),
        experiment=None if section.experiment is None else _experiment(section.experiment),
        sticky=section.sticky or "",
        monitor=monitor_plan(resolved, chosen) if _is_measured(section, wanted) else None,
        approval=None if environment.approval is None else _approvals(resolved)[resolved.environment],
        mirror_share=mirrored,
    )


def _demand_supported(resolved: Resolved, strategy: Strategy) -> None:
    """Raises UsageError for a strategy that was asked for on the command line and that the platform cannot do."""
    platform = resolved.config.platform
    found = support(platform, f"rollout.{strategy}")
    if found.level == "unsupported":
        raise UsageError(f"strategy '{strategy}' would be lost on {platform}: {found.reason}",
                         hint=f"groundplan portability {platform} says what it can do.")  # fmt: skip


def _is_measured(section: rollouts.Rollout, strategy: Strategy) -> bool:
    """Whether labels or logged predictions have a say in the rollout."""
    return strategy == "ab" or section.rollback.drift or bool(section.rollback.metrics)


def _conditions(section: rollouts.Rollback) -> Conditions:
    return Conditions(
        error_rate=section.error_rate,
        latency_p95_ms=section.latency_p95_ms,
        metrics={metric: _bounds(threshold) for metric, threshold in section.metrics.items()},
        drift=section.drift,
        disagreement=section.disagreement,
        crashes=section.crashes,
        min_requests=section.min_requests,
    )


def _experiment(section: rollouts.Experiment) -> Experiment:
    return Experiment(
        metric=section.metric,
        alpha=section.alpha,
        looks=section.looks,
        min_effect=section.min_effect,
        min_samples=section.min_samples,
        guardrails={metric: _bounds(threshold) for metric, threshold in section.guardrails.items()},
    )


def monitor_plan(resolved: Resolved, endpoint: str | None = None) -> MonitorPlan:
    """How an endpoint of the config is watched in the resolved environment; without a name the only one."""
    settings = endpoint_settings(resolved, endpoint)
    model, section = model_plan(resolved, settings.model), resolved.config.monitoring
    drift, budget = section.drift, resolved.config.budget
    rubric = model.rubrics.get(resolved.environment)
    return MonitorPlan(
        endpoint=settings.name,
        environment=settings.environment,
        model=model.name,
        task=model.task,
        positive_class=model.positive_class,
        window_seconds=float(seconds(section.window)),
        min_rows=drift.min_rows,
        statistic=drift.statistic,
        threshold=drift.threshold,
        alpha=drift.alpha,
        hysteresis=(drift.alert_windows, drift.of_windows),
        max_missing_increase=drift.max_missing_increase,
        max_unseen=drift.max_unseen,
        latency_p95_ms=section.endpoint.latency_ms,
        error_rate=section.endpoint.error_share,
        refused_rate=section.endpoint.refused_share,
        volume_change=section.endpoint.volume_change,
        metrics=dict(section.metrics),
        slices=tuple(section.slices),
        fairness=() if rubric is None else rubric.fairness,
        monthly_budget=None if budget is None else budget.amount,
        log_sample=settings.log_sample,
        managed=section.managed,
        learned_from=model.training_output or model.test_output,
        target=model.target,
        attribution=section.attribution.threshold if section.attribution.enabled else None,
    )


def _output(reference: str) -> StepInput:
    step, _, output = reference.partition(".")
    return StepInput(step=step, output=output)


def _training_output(resolved: Resolved, model: Model) -> StepInput | None:
    """The data set that the model's step reads from another step, and that is not held out."""
    steps = resolved.config.pipelines[model.pipeline].steps
    learning = steps.get(_output(model.output).step)
    if learning is None:
        return None
    sources = [_output(reference) for reference in learning.inputs.values()]
    found = [
        source for source in sources
        if source.step in steps and steps[source.step].outputs.get(source.output) == "dataset"
        and source != _output(model.test)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else next((one for one in found if one.output == "train"), None)


def _model_plan(name: str, resolved: Resolved, environments: Mapping[str, Resolved]) -> ModelPlan:
    model = resolved.config.models[name]
    return ModelPlan(
        name=name,
        pipeline=model.pipeline,
        task=model.task or resolved.config.data.task,
        target=model.target or resolved.config.data.target,
        model_output=_output(model.output),
        test_output=_output(model.test),
        training_output=_training_output(resolved, model),
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
        out_of_scope=model.out_of_scope,
        ethical_considerations=model.ethical_considerations,
        contact=model.contact,
        attribution=any(one.config.monitoring.attribution.enabled for one in environments.values()),
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
