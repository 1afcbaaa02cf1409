"""The environment variables that a plan needs: those that the config refers to and that are not set, all at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ...core.errors import ConfigError, Problem
from .resolution import leaves
from .resolved import Resolved
from .secrets import REFERENCE
from .tree import Path, dotted

_UNUSED_BY_PLANS = "api_key"
"""The laptop's endpoints ask for a key; the clouds' ask for a token of their own."""


def require_set(configs: Mapping[str, Resolved]) -> None:
    """Raise ConfigError with every ``${env:NAME}`` of these configs whose variable is missing or empty."""
    problems = {(one.message, one.where): one for resolved in configs.values() for one in _unset(resolved)}
    if problems:
        raise ConfigError.of(list(problems.values()))


def _unset(resolved: Resolved) -> Iterator[Problem]:
    for path, value in leaves(resolved.config):
        for text in value if isinstance(value, list) else [value]:  # pyright: ignore[reportUnknownVariableType]
            found = REFERENCE.fullmatch(text) if isinstance(text, str) else None
            if found is None or found["store"] != "env" or os.environ.get(found["name"]):
                continue
            if path[-1] != _UNUSED_BY_PLANS:
                yield _problem(resolved, path, found["name"])


def _problem(resolved: Resolved, path: Path, variable: str) -> Problem:
    name = dotted(path)
    state = "empty" if variable in os.environ else "not set"
    origin = resolved.origins.get(name)
    return Problem(
        message=f"{name}: the environment variable {variable} is {state}",
        where=origin.where if origin is not None else "",
        hint=f"Set {variable} and run the command again.",
    )
