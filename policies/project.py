"""What several rules ask of a config: the rubric of a model, the risk, the endpoints and whom they serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from . import paths
from .config import ProjectConfig
from .resource import Resource
from .values import ABSENT, Secret, Unknown


def rubric(config: ProjectConfig, model: str) -> tuple[str, Mapping[str, object]]:
    """The path and the content of what a model must show: its own rubric, else the project's."""
    own = f"models.{model}.evaluation"
    path = own if isinstance(config.get(own), Mapping) else "evaluation"
    return path, mapping(config.get(path))


def is_high_risk(config: ProjectConfig) -> bool:
    """Whether the system is of high risk, as the EU AI Act grades it."""
    return config.get("governance.risk_tier") == "high"


def text(config: ProjectConfig, path: str) -> str:
    """The text at a path without blanks around it; "" where there is none."""
    found = config.get(path)
    return found.strip() if isinstance(found, str) else ""


def classifications(config: ProjectConfig) -> dict[str, str]:
    """How sensitive the data is, by the path that says it: the product's, and each source's own."""
    found = {"governance.data_classification": text(config, "governance.data_classification")}
    for name in config.section("data.sources"):
        path = f"data.sources.{name}.classification"
        found[path] = text(config, path)
    return {path: word for path, word in found.items() if word}


def online_endpoints(config: ProjectConfig) -> dict[str, Mapping[str, object]]:
    """The endpoints that answer requests, by name."""
    return {name: one for name, one in config.section("endpoints").items() if one.get("kind", "online") != "batch"}


def served(config: ProjectConfig, endpoint: str) -> str:
    """The model that an endpoint serves; "" where the config does not say it."""
    models = list(config.section("models"))
    named = config.get(f"endpoints.{endpoint}.model")
    if isinstance(named, str):
        return named
    if endpoint in models:
        return endpoint
    return models[0] if len(models) == 1 else ""


def endpoint_of(config: ProjectConfig | None, resource: Resource) -> str:
    """The name of the config's endpoint that asks for a resource; "" where none does."""
    section, _, name = resource.cause.partition(".")
    name = name.partition(".")[0]
    return name if config is not None and section == "endpoints" and name in config.section("endpoints") else ""


def mapping(value: object) -> Mapping[str, object]:
    """A value as a mapping; an empty one where it is none."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def entries(value: object) -> list[Mapping[str, object]]:
    """The mappings in a list; none where it is no list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    found = cast("Sequence[object]", value)
    return [cast("Mapping[str, object]", one) for one in found if isinstance(one, Mapping)]


def is_hidden(value: object) -> bool:
    """Whether a value cannot be judged: it is known only after deployment, or secret."""
    return isinstance(value, (Unknown, Secret))


def hides(value: object) -> bool:
    """Whether something in a value cannot be judged."""
    return any(is_hidden(leaf) for leaf in paths.leaves(value))


def texts(value: object) -> list[str]:
    """A value as a list of texts; an empty one where it is none."""
    if value is ABSENT or not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [str(one) for one in cast("Sequence[object]", value)]
