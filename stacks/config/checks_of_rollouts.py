"""What types cannot say of rollouts: shares that grow, a test where one is asked for, metrics that fit the task."""

from __future__ import annotations

from collections.abc import Iterator

from ..support import support
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
        yield from _lost(tree, path, endpoint.rollout, config.platform)


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


def _lost(tree: Node, path: Path, rollout: Rollout, platform: str) -> Iterator[Place]:
    """What a person asks for and the platform would leave out without a word."""
    asked: dict[str, tuple[Path, bool]] = {
        "rollout.ab": (("strategy",), rollout.strategy == "ab"),
        "rollout.sticky": (("sticky",), rollout.sticky is not None),
        "rollout.metrics": (("rollback", "metrics"), bool(rollout.rollback.metrics)),
        "rollout.drift": (("rollback", "drift"), rollout.rollback.drift),
        "rollout.disagreement": (("rollback", "disagreement"), rollout.rollback.disagreement is not None),
    }
    for part, (below, wanted) in asked.items():
        found = support(platform, part)
        if wanted and found.level == "unsupported":
            name = ".".join(str(one) for one in (*path, *below))
            yield problem_at(
                tree, (*path, *below), f"{name} would be lost on {platform}: {found.reason}",
                hint=f"Leave it out for this platform: groundplan portability {platform}",
                at_key=below[0] != "strategy",
            )  # fmt: skip
    yield from _lost_copies(tree, path, rollout, platform)


def _lost_copies(tree: Node, path: Path, rollout: Rollout, platform: str) -> Iterator[Place]:
    found = support(platform, "rollout.shadow")
    if found.level != "unsupported" and rollout.shadow is None and rollout.strategy != "direct":
        yield problem_at(
            tree, (*path, "shadow"), f"on {platform} a copy of the requests can be watched first, and must be",
            hint="Such as: shadow: 5m",
        )  # fmt: skip
    if found.level != "unsupported" or rollout.strategy == "direct":
        return
    if rollout.strategy == "shadow":
        yield problem_at(
            tree, (*path, "strategy"), f"strategy 'shadow' would be lost on {platform}: {found.reason}",
            hint="Set strategy: canary, with shadow: null and small first steps.",
        )  # fmt: skip
    elif rollout.shadow is not None:
        written = tree.at((*path, "shadow"))
        where = "shadow" if written is not None and written.source is not None else "strategy"
        yield problem_at(
            tree, (*path, where),
            f"the {rollout.shadow} in which a copy of the requests is watched would be lost on {platform}: "
            f"{found.reason}",
            hint="Write 'shadow: null': the new version then answers its first share without having been watched.",
        )  # fmt: skip


def _task(config: Config, name: str, endpoint: Endpoint) -> str:
    """The task of the model that an endpoint serves."""
    only = next(iter(config.models)) if len(config.models) == 1 else None
    model = config.models.get(endpoint.model or (name if name in config.models else only or ""))
    return (model.task if model is not None else None) or config.data.task
