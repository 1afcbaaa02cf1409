"""Reads groundplan.yaml: found upwards, resolved for its environments, all its problems in one error."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from ...core import digests
from ...core.errors import ConfigError, NotFoundError
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from .checks_of_networks import places_between
from .checks_of_sharing import sharing_places
from .config import EnvironmentSettings
from .finding import find, name_of
from .loading import load_file
from .problems import Place, in_order
from .resolution import Layered, approval_places, everywhere, first_look, flag_tree, layered, settings, unset_places
from .resolved import Resolved
from .tree import Node


def read(start: Path, *, environment: str | None = None, overrides: Mapping[str, str] | None = None) -> Resolved:
    """The config for one environment: the one named, else GROUNDPLAN_ENVIRONMENT, else the first.

    ``overrides`` are dotted paths and values as YAML text; they win over everything. All environments are
    checked whichever is asked for. Raises NotFoundError, and ConfigError with every problem found.
    """
    path = find(start)
    file = load_file(path, name_of(path))
    own, resolved = _all(path, file)
    chosen = _choose(environment, own)
    if not overrides:
        return resolved[chosen]
    flags = flag_tree(overrides)
    one, places = layered(file, chosen, root=path.parent, flags=flags)
    _raise(places)
    assert one is not None  # noqa: S101 without a config there are problems
    return _resolved(path, chosen, one, own)


def read_all(start: Path) -> Mapping[str, Resolved]:
    """The config for every environment, in their order. Raises as ``read``."""
    path = find(start)
    return _all(path, load_file(path, name_of(path)))[1]


def read_stacks(start: Path) -> Mapping[str, Resolved]:
    """The config for the shared stack, which no environment's overrides touch, then for every environment.

    Raises as ``read``; with a config that is wrong the secrets that its overrides name and that are not set are told
    as well.
    """
    path = find(start)
    file = load_file(path, name_of(path))
    own, resolved = _all(path, file, also=unset_places)
    base, places = layered(file, SHARED, root=path.parent)
    _raise(places)
    assert base is not None  # noqa: S101 without a config there are problems
    return {SHARED: _resolved(path, SHARED, base, own), **resolved}


def check_text(path: Path, file: Node) -> tuple[str, ...]:
    """Check a tree that would stand at ``path``; the names of its environments. Raises ConfigError."""
    return tuple(_all(path, file)[1])


def _all(
    path: Path, file: Node, *, also: Callable[[Node], list[Place]] | None = None
) -> tuple[dict[str, EnvironmentSettings], dict[str, Resolved]]:
    """What each environment says of itself, and its config; ``also`` finds what is told only beside other problems."""
    places = first_look(file)
    own, wrong = settings(file)
    found: dict[str, Layered] = {}
    by_environment: dict[str, list[Place]] = {}
    for name, settings_of_it in own.items():
        one, by_environment[name] = layered(file, name, root=path.parent)
        if one is not None:
            found[name] = one
            if one.sound:
                wrong.extend(approval_places(file, name, settings_of_it, one.config))
    configs = {name: one.config for name, one in found.items()}
    wrong.extend(places_between(file, configs))
    base, _ = layered(file, SHARED, root=path.parent)
    if base is not None:
        wrong.extend(sharing_places(file, base.config, configs))
    # what is said of a secret besides that it is one could show it
    secret = {place.problem.where for place in places}
    places += [one for one in (*wrong, *everywhere(by_environment)) if one.problem.where not in secret]
    _raise([*places, *also(file)] if places and also is not None else places)
    return own, {name: _resolved(path, name, one, own) for name, one in found.items()}


def _raise(places: list[Place]) -> None:
    if places:
        raise ConfigError.of(in_order(places))


def _choose(environment: str | None, known: Mapping[str, EnvironmentSettings]) -> str:
    asked = environment or os.environ.get("GROUNDPLAN_ENVIRONMENT")
    if not asked:
        return next(iter(known))
    if asked not in known:
        where = "" if environment else "GROUNDPLAN_ENVIRONMENT"
        raise NotFoundError(f"there is no environment {asked!r}", where=where, hint=did_you_mean(asked, known))
    return asked


def _resolved(path: Path, environment: str, one: Layered, own: Mapping[str, EnvironmentSettings]) -> Resolved:
    content = {"environment": environment, "config": one.config.model_dump(mode="json", by_alias=True)}
    return Resolved(
        path=path,
        environment=environment,
        config=one.config,
        environments=own,
        origins=one.origins(),
        digest=digests.of_value(content),
    )
