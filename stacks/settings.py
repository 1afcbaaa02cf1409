"""Translates the config into what the components take: context, principals, federation, shares of a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from ..core import digests, layout
from ..lifecycle.contract.pipeline import Pipeline
from ..modules.contract.context import SHARED, Account, Context, Tier
from ..modules.contract.endpoint import PinnedModel
from ..modules.contract.features import FeatureSetArguments
from ..modules.contract.identity import FederationArguments, Principal
from .config.config import Config
from .config.data import Source
from .config.endpoints import Endpoint
from .config.governance import tier_of
from .config.resolved import Resolved
from .config.section import seconds

_PRINCIPAL = re.compile(r"(?:(user|group|service):)?(.+)")
_DAY = 86400

UNASSIGNED = "unassigned"
"""The owner of what nobody is said to own."""


def context(resolved: Resolved, stack: str) -> Context:
    """For whom the components of a stack are made."""
    config = resolved.config
    account = config.account
    return Context(
        project=config.project,
        environment=stack,
        tier=tier(resolved, stack),
        region=config.region or "",
        account=Account(**{key: value or "" for key, value in account.model_dump().items()} if account else {}),
        tags=tags(config, stack),
    )


def log_retention_days(config: Config) -> int:
    """How long logs stay: half a year for a system of high risk, as the EU AI Act asks (article 19)."""
    return 180 if config.governance.risk_tier == "high" else 90


def beside(resolved: Resolved, configs: Mapping[str, Resolved]) -> tuple[str, ...]:
    """The other environments in the account of this one; ``configs`` as ``read_stacks`` gives them."""
    return tuple(
        name
        for name, other in configs.items()
        if name not in (SHARED, resolved.environment) and other.config.account == resolved.config.account
    )


def tier(resolved: Resolved, stack: str) -> Tier:
    """How much depends on a stack; the shared one matters as much as the environment that matters most."""
    names = list(resolved.environments)
    tiers: list[Tier] = [
        resolved.environments[name].tier or tier_of(name, position, len(names)) for position, name in enumerate(names)
    ]
    if stack == SHARED:
        return max(tiers, key=get_args(Tier).index)
    return tiers[names.index(stack)]


def tags(config: Config, stack: str) -> dict[str, str]:
    """What every resource says of itself; the user's own tags never replace groundplan's."""
    governance = config.governance
    return {
        **governance.tags,
        **_lineage(config),
        "project": config.project,
        "environment": stack,
        "owner": config.owner or UNASSIGNED,
        "cost-center": governance.cost_center or config.project,
        "system-id": governance.system_id or config.project,
        "data-classification": governance.data_classification,
        "risk-tier": governance.risk_tier,
    }


def _lineage(config: Config) -> dict[str, str]:
    """Where the data comes from, and the shortest time for which any of it may be kept; where the config says so."""
    sources = config.data.sources.values()
    systems = sorted({one.system for one in sources if one.system})
    terms = [one.retention for one in sources if one.retention]
    return {
        **({"source-system": " ".join(systems)} if systems else {}),
        **({"retention": min(terms, key=seconds)} if terms else {}),
    }


def principal(text: str) -> Principal:
    """A principal: ``group:ID``, ``user:ID`` or ``service:ID``; a bare e-mail is a user, a bare id a group."""
    found = _PRINCIPAL.fullmatch(text)
    kind, name = (found.group(1), found.group(2)) if found else (None, text)
    if kind == "service":
        return Principal(kind="service", id=name)
    if kind == "user" or (kind is None and "@" in name):
        return Principal(kind="user", id=name)
    return Principal(kind="group", id=name)


def team(config: Config) -> dict[str, tuple[Principal, ...]]:
    """The principals of each role that has some."""
    return {role: tuple(principal(one) for one in principals) for role, principals in config.team.items() if principals}


def federation(resolved: Resolved) -> FederationArguments | None:
    """The repository whose CI may act on every stack, or None."""
    section = resolved.config.identity.federation
    if section is None:
        return None
    return FederationArguments(
        provider=section.provider,
        repository=section.repository,
        branch=section.branch,
        environments=(SHARED, *resolved.environments),
        repository_id=section.repository_id or "",
        organization_id=section.organization_id or "",
        service_connection=section.service_connection or "",
    )


def days(duration: str) -> int:
    """A duration in whole days, at least one."""
    return max(1, round(seconds(duration) / _DAY))


def pinned(endpoint: Endpoint) -> PinnedModel | None:
    """The model version that the config itself names for an endpoint."""
    if endpoint.pinned is None:
        return None
    return PinnedModel(uri=endpoint.pinned.uri, environment_uri=endpoint.pinned.environment_uri or "")


def feature_sets(config: Config) -> tuple[FeatureSetArguments, ...]:
    """The feature sets of the config."""
    return tuple(
        FeatureSetArguments(
            name=name,
            source=section.source,
            entity=section.entity,
            keys=tuple(section.keys),
            features=tuple(section.features),
            timestamp=section.timestamp,
        )
        for name, section in config.features.sets.items()
    )


def data_uris(config: Config, data_uri: str) -> dict[str, str]:
    """Where each data source is kept at the cloud; a file keeps its path below the storage's ``data_uri``."""
    found: dict[str, str] = {}
    for name, source in config.data.sources.items():
        found[name] = source.uri or f"{data_uri.rstrip('/')}/{below_data(source)}"
    return found


def below_data(source: Source) -> str:
    """Where the file of a data source is below the storage's place for data."""
    return source.path or f"sklearn/{source.sklearn}.csv"


def pipeline_version(resolved: Resolved, pipeline: Pipeline) -> str:
    """The digest of a pipeline: its definition, and the code and requirements that its steps name."""
    named = {
        path
        for step in pipeline.steps.values()
        for path in (*step.code, *filter(None, [step.environment.requirements]))
        if (resolved.root / path).exists()
    }
    files = {path: _digest(resolved.root / path) for path in sorted(named)}
    section = resolved.config.pipelines[pipeline.name]
    content: Mapping[str, object] = {"pipeline": section.model_dump(mode="json"), "files": files}
    return digests.of_value(content).rpartition(":")[2][:16]


def _digest(path: Path) -> str:
    """The digest of a step's code, without what tools make beside it."""
    if path.is_file():
        return digests.of_file(path)
    names = digests.names_below(path, leave_out=layout.GENERATED)
    return digests.of_value([[name, digests.of_file(path / name)] for name in names])


def schedule_of(resolved: Resolved, pipeline: str) -> str | None:
    """When the cloud starts a pipeline by itself: its own schedule, else the retraining's where the cloud can do it."""
    config = resolved.config
    return config.pipelines[pipeline].schedule or (
        config.retraining.schedule if retrains_alone(resolved, pipeline) else None
    )


def retrains_alone(resolved: Resolved, pipeline: str) -> bool:
    """Whether a run that the cloud starts learns from what a retraining learns from.

    Models are trained in the first environment; rows of the project's files, of a table, or of a window, only a command
    gathers.
    """
    config = resolved.config
    steps = config.pipelines[pipeline].steps.values()
    read = {one.partition(".")[2] for step in steps for one in step.inputs.values() if one.startswith("data.")}
    return (
        resolved.environment == next(iter(resolved.environments))
        and any(model.pipeline == pipeline for model in config.models.values())
        and config.retraining.window is None
        and all(_is_file_of_the_cloud(config.data.sources[name]) for name in read)
    )


def _is_file_of_the_cloud(source: Source) -> bool:
    return source.uri is not None and not source.uri.startswith("bq://")
