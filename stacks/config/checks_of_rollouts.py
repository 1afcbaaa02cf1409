"""What types cannot say of rollouts: shares that grow, a test where one is asked for, metrics that fit the task."""

from __future__ import annotations

from collections.abc import Iterator

from .config import Config
from .endpoints import Endpoint
from .metrics import OF_THE_WHOLE, unfit, unfit_hint
from .problems import Place, problem_at
from .rollouts import Rollout
from .tree import Node, Path


def rollout_places(tree: Node, config: Config) -> Iterator[Place]:
    """Everything that is wrong with how new versions take over endpoints."""
    for name, endpoint in config.endpoints.items():
        path: Path = ("endpoints", name, "rollout")
        yield from _steps(tree, path, endpoint.rollout)
        yield from _test(tree, path, endpoint.rollout)
        yield from _metrics(tree, path, endpoint.rollout, _task(config, name, endpoint))


def _steps(tree: Node, path: Path, rollout: Rollout) -> Iterator[Place]:
    if rollout.strategy in ("canary", "ab") and not rollout.steps:
        yield problem_at(
            tree, (*path, "steps"), f"strategy '{rollout.strategy}' needs at least one step",
            hint="Such as: steps: [{traffic: 10}, {traffic: 50}]",
        )  # fmt: skip
    before = 0
    for index, step in enumerate(rollout.steps):
        if step.traffic <= before:
            yield problem_at(
                tree, (*path, "steps", index, "traffic"),
                f"a step's share must be larger than the one before: {step.traffic} after {before}",
                hint="Put the steps in growing order; all of the requests come last by themselves.",
            )  # fmt: skip
        before = step.traffic


def _test(tree: Node, path: Path, rollout: Rollout) -> Iterator[Place]:
    if rollout.strategy == "ab" and rollout.experiment is None:
        yield problem_at(
            tree, (*path, "strategy"), "strategy 'ab' needs 'experiment', which says what is compared",
            hint="Such as: experiment: {metric: accuracy}",
        )  # fmt: skip


def _metrics(tree: Node, path: Path, rollout: Rollout, task: str) -> Iterator[Place]:
    named: list[tuple[Path, str]] = [((*path, "rollback", "metrics", name), name) for name in rollout.rollback.metrics]
    if rollout.experiment is not None:
        named.append(((*path, "experiment", "metric"), rollout.experiment.metric))
        guarded = rollout.experiment.guardrails
        named += [((*path, "experiment", "guardrails", name), name) for name in guarded]
    for where, metric in named:
        at_key = where[-1] == metric
        if metric in unfit(task):
            message = f"the metric {metric} does not fit the task {task}"
            yield problem_at(tree, where, message, hint=unfit_hint(task), at_key=at_key)
        elif metric in OF_THE_WHOLE:
            yield problem_at(
                tree, where, f"the metric {metric} is not measured on feedback", at_key=at_key,
                hint="rollback.latency_p95_ms bounds the response time." if metric == "latency_p95_ms" else "",
            )  # fmt: skip


def _task(config: Config, name: str, endpoint: Endpoint) -> str:
    """The task of the model that an endpoint serves."""
    only = next(iter(config.models)) if len(config.models) == 1 else None
    model = config.models.get(endpoint.model or (name if name in config.models else only or ""))
    return (model.task if model is not None else None) or config.data.task
