"""What types cannot say of a config: references, paths, tasks, addresses, accounts. Each complaint has its place."""

from __future__ import annotations

import ipaddress
import re
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath
from pathlib import PureWindowsPath

from . import names
from .checks_of_clouds import cloud_places
from .checks_of_governance import governance_files, governance_places
from .checks_of_logs import log_places
from .checks_of_monitors import monitor_places
from .checks_of_pipelines import pipeline_places
from .checks_of_rollouts import rollout_places
from .config import Config
from .evaluation import Evaluation, Model
from .metrics import OF_THE_WHOLE, unfit, unfit_hint
from .problems import Place, problem_at, suggestion
from .tree import Node, Path

_REFER_TO_EACH_OTHER = frozenset({"data", "pipelines", "models", "endpoints", "compute", "evaluation"})
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


def places(tree: Node, config: Config, root: FilePath, *, left_out: frozenset[str] = frozenset()) -> Iterator[Place]:
    """Everything that is wrong with a config whose types are right; ``root`` is the project's folder.

    ``left_out`` are the sections that lack something because it is wrong in itself, and with it what refers to it.
    """
    yield from cloud_places(tree, config, left_out=left_out)
    if left_out & _REFER_TO_EACH_OTHER:
        return
    yield from _names(tree, config)
    yield from _team(tree, config)
    yield from pipeline_places(tree, config)
    yield from _models(tree, config)
    yield from _endpoints(tree, config)
    yield from rollout_places(tree, config)
    yield from log_places(tree, config)
    yield from monitor_places(tree, config)
    yield from _computes(tree, config)
    yield from governance_places(tree, config)
    yield from _paths(tree, config, root)


def _names(tree: Node, config: Config) -> Iterator[Place]:
    if problem := names.problem_with_project_name(config.project):
        yield problem_at(tree, ("project",), problem)
    groups: dict[str, list[str]] = {
        "pipelines": list(config.pipelines),
        "models": list(config.models),
        "endpoints": list(config.endpoints),
        "compute": list(config.compute),
    }
    for group, found in groups.items():
        for name in found:
            if problem := names.reserved(name):
                yield problem_at(tree, (group, name), problem, at_key=True)


def _team(tree: Node, config: Config) -> Iterator[Place]:
    for role, principals in config.team.items():
        if len(set(principals)) < len(principals):
            yield problem_at(tree, ("team", role), f"team.{role} names somebody twice", at_key=True)


def _models(tree: Node, config: Config) -> Iterator[Place]:
    for name, model in config.models.items():
        task = model.task or config.data.task
        if task == "regression" and model.positive_class is not None:
            yield problem_at(
                tree, ("models", name, "positive_class"), f"model '{name}' predicts a number and has no positive class",
                hint="Remove it, or set task: classification.", at_key=True,
            )  # fmt: skip
        if model.evaluation is not None:
            yield from _rubric(tree, ("models", name, "evaluation"), model.evaluation, task)
    if not config.models:
        yield from _rubric(tree, ("evaluation",), config.evaluation, config.data.task)
    for task in sorted({model.task or config.data.task for model in _without_rubric(config)}):
        yield from _rubric(tree, ("evaluation",), config.evaluation, task)


def _without_rubric(config: Config) -> list[Model]:
    return [model for model in config.models.values() if model.evaluation is None]


def _rubric(tree: Node, path: Path, rubric: Evaluation, task: str) -> Iterator[Place]:
    partial: list[tuple[Path, str]] = [
        *(((*path, "slices", index, "metric"), rule.metric) for index, rule in enumerate(rubric.slices)),
        *(
            ((*path, "robustness", kind, "metric"), one.metric)
            for kind, one in (("noise", rubric.robustness.noise), ("missing", rubric.robustness.missing))
            if one is not None
        ),
    ]
    named: list[tuple[Path, str]] = [
        *(((*path, "metrics", metric), metric) for metric in rubric.metrics),
        *partial,
        *(((*path, "fairness", index, "metric"), rule.metric) for index, rule in enumerate(rubric.fairness)),
    ]
    if rubric.champion.metric is not None:
        named.append(((*path, "champion", "metric"), rubric.champion.metric))
    for where, metric in named:
        if metric in unfit(task):
            yield problem_at(
                tree, where, f"the metric {metric} does not fit the task {task}",
                hint=unfit_hint(task),
                at_key="metrics" in where,
            )  # fmt: skip
    for where, metric in partial:
        if metric in OF_THE_WHOLE:
            yield problem_at(tree, where, f"the metric {metric} is of the whole model, not of a part of the data")


def _endpoints(tree: Node, config: Config) -> Iterator[Place]:
    ports: dict[int, str] = {}
    for name, endpoint in config.endpoints.items():
        path: Path = ("endpoints", name)
        if endpoint.model is not None and endpoint.model not in config.models:
            yield problem_at(
                tree, (*path, "model"), f"endpoint '{name}' serves the model '{endpoint.model}', which is not there",
                hint=suggestion(endpoint.model, config.models),
            )  # fmt: skip
        if endpoint.model is None and name not in config.models and len(config.models) != 1:
            yield problem_at(
                tree, path, f"endpoint '{name}' does not say which model it serves",
                hint=f"Add 'model: …'. {suggestion(name, config.models)}".strip(), at_key=True,
            )  # fmt: skip
        if endpoint.port is not None and (other := ports.setdefault(endpoint.port, name)) != name:
            yield problem_at(
                tree, (*path, "port"), f"the endpoints '{other}' and '{name}' have the same port {endpoint.port}",
                hint="Give one of them another port.",
            )  # fmt: skip
        loopback = _is_loopback(endpoint.host)
        if loopback is None:
            yield problem_at(tree, (*path, "host"), f"{names.visible(endpoint.host)} is no address and no host name")
        elif not loopback and endpoint.api_key is None and config.platform == "local":
            yield problem_at(
                tree, (*path, "host"), f"endpoint '{name}' listens on {endpoint.host} and asks nobody for a key",
                hint="Add 'api_key: ${env:API_KEY}', or leave host out.",
            )  # fmt: skip


def _is_loopback(host: str) -> bool | None:
    """Whether only this machine can reach it; None when it is no host at all."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" if _HOST.fullmatch(host) and not host.replace(".", "").isdigit() else None


def _computes(tree: Node, config: Config) -> Iterator[Place]:
    for name, compute in config.compute.items():
        if compute.min_nodes > compute.max_nodes:
            yield problem_at(
                tree, ("compute", name, "min_nodes"),
                f"compute '{name}': min_nodes ({compute.min_nodes}) is above max_nodes ({compute.max_nodes})",
            )  # fmt: skip


def _paths(tree: Node, config: Config, root: FilePath) -> Iterator[Place]:
    for path, text in _named_paths(config):
        if problem := problem_with_path(text, root):
            yield problem_at(tree, path, problem, hint="Give a path inside the project, relative to groundplan.yaml.")


def _named_paths(config: Config) -> Iterator[tuple[Path, str]]:
    yield from governance_files(config)
    for name, source in config.data.sources.items():
        if source.path is not None:
            yield ("data", "sources", name, "path"), source.path
    for pipeline, found in config.pipelines.items():
        for name, step in found.steps.items():
            path: Path = ("pipelines", pipeline, "steps", name)
            for index, code in enumerate(step.code):
                yield (*path, "code", index), code
            if step.environment.requirements is not None:
                yield (*path, "environment", "requirements"), step.environment.requirements


def problem_with_path(text: str, root: FilePath) -> str | None:
    """Why a path may not stand in a config, or None; whether anything is there does not matter."""
    windows = PureWindowsPath(text)
    if not text.isprintable():
        return f"the path {names.visible(text)} holds invisible characters"
    if text.startswith(("/", "~", "\\")) or windows.drive:
        return f"the path {names.visible(text)} is not relative"
    if ".." in windows.parts:
        return f"the path {names.visible(text)} leaves its folder with '..'"
    try:
        target = (root / text).resolve()
        if not target.is_relative_to(root.resolve()):
            return f"the path {names.visible(text)} leads out of the project through a link"
        mode = target.stat().st_mode
    except (OSError, RuntimeError) as error:
        missing = isinstance(error, FileNotFoundError)
        return None if missing else f"the path {names.visible(text)} cannot be followed"
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else f"{names.visible(text)} is neither a file nor a folder"
