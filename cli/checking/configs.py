"""A project's config as the rules see it, one for each environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ...core import files
from ...core.errors import GroundplanError
from ...policies.config import Action, ProjectConfig
from ...stacks.config.checks_of_governance import governance_files
from ...stacks.config.config import Config
from ...stacks.config.governance import tier_of
from ...stacks.config.resolved import Resolved

_LARGEST = 1_000_000
"""Bytes; a document that a config names and that is larger is not read, and counts as not there."""


def of_config(
    config: Resolved, *, evidence: Mapping[str, Mapping[str, object]] | None = None, action: Action | None = None
) -> ProjectConfig:
    """One environment's config. ``evidence`` is what the registry knows of the model versions in it."""
    values = config.config.model_dump(mode="json", by_alias=True)
    return ProjectConfig(
        environment=config.environment,
        tier=_tier(config, config.environment),
        values=values,
        places={path: origin.where for path, origin in config.origins.items() if origin.where},
        environments={
            name: {"tier": _tier(config, name), "approval": own.approval.model_dump() if own.approval else None}
            for name, own in config.environments.items()
        },
        files={name: _text(config.root, name) for name in sorted(_documents(config.config, values))},
        evidence=evidence,
        action=action,
    )


def _tier(config: Resolved, environment: str) -> Any:
    own = config.environments[environment]
    names = config.environment_names
    return own.tier or tier_of(environment, names.index(environment), len(names))


def _documents(config: Config, values: Mapping[str, object]) -> set[str]:
    return {*_named(values), *(text for _path, text in governance_files(config))}


def _named(value: object) -> Iterator[str]:
    """What may be the path of a document: any text with a folder or an ending in it."""
    if isinstance(value, Mapping):
        for one in cast("Mapping[str, object]", value).values():
            yield from _named(one)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in cast("Sequence[object]", value):
            yield from _named(one)
    elif isinstance(value, str) and Path(value).suffix in (".md", ".pdf", ".json", ".yaml", ".yml", ".txt", ".html"):
        yield value


def _text(root: Path, name: str) -> str | None:
    """The text of a file inside the project; None where there is none, or none that can be read."""
    try:
        path = files.inside(root, name)
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except (GroundplanError, OSError, ValueError):
        return None
