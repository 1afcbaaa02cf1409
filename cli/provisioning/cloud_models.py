"""Which model versions live in a cloud's environments, as the registry and the endpoints themselves tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...core import clock
from .. import living
from ..living import Living
from ..output import Output
from ..session import Session
from . import batch_status

if TYPE_CHECKING:
    from ...lifecycle.contract.batch import BatchState
    from ...lifecycle.contract.deployment import EndpointState
    from ...lifecycle.contract.model import ModelVersion
    from ...lifecycle.contract.platform import Platform
    from ...stacks.config.resolved import Resolved


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """A model in an environment: the version of its stage, and who answers at its endpoint, by version in percent.

    ``verdict`` is in a word; ``health`` and ``detail`` are the endpoint's, "" where nothing is deployed. ``living`` is
    what monitors and retraining found last.
    """

    environment: str
    model: str
    version: int | None = None
    verdict: str = ""
    evidence_made: str = ""
    endpoint: str = ""
    url: str = ""
    health: str = ""
    detail: str = ""
    traffic: Mapping[int, int] = field(default_factory=dict[int, int])
    mirrored: int | None = None
    living: Living = field(default_factory=Living)


@dataclass(frozen=True, kw_only=True)
class Models:
    """All rows, each rollout that is under way, in words, and the batch endpoints at which a version works."""

    rows: Sequence[ModelRow]
    rollouts: Sequence[str]
    batches: Sequence[BatchState] = ()


def look(session: Session, config: Resolved) -> Models:
    """Ask the cloud. Raises what its adapters meet."""
    from ...lifecycle import rollout

    platform = session.platform(config)
    staged = {(one.stage, one.name): one for one in platform.models.list() if one.stage is not None}
    served = {
        (one.deployment.settings.environment, one.deployment.served.name): one for one in platform.endpoints.states()
    }
    places = dict.fromkeys(
        (
            *((environment, model) for environment in config.environment_names for model in config.config.models),
            *((str(environment), model) for environment, model in staged),
            *served,
        )
    )
    under_way = [
        f"{rollout.name(one)} is {one.status}, phase {one.phase + 1} of {len(one.plan.phases)}: "
        f"{rollout.describe(one)}; groundplan rollout status {one.plan.endpoint} -e {one.plan.environment}"
        for one in platform.rollouts.all()
        if not one.is_final or one.applying
    ]
    rows = [_row(*place, staged.get(place), served.get(place)) for place in places]
    return Models(
        rows=[replace(one, living=_living(session, platform, one, served)) for one in rows],
        rollouts=under_way,
        batches=() if platform.batches is None else platform.batches.states(),
    )


def _living(
    session: Session, platform: Platform, row: ModelRow, served: Mapping[tuple[str, str], EndpointState]
) -> Living:
    """What is known of a model in an environment that the config still has."""
    if row.environment not in session.config().environment_names:
        return Living()
    config = session.config(row.environment)
    return living.of(platform, config, row.model, served.get((row.environment, row.model)), traffic=row.traffic)


def write(output: Output, models: Models) -> None:
    """The models for people."""
    output.line()
    output.table(
        ("environment", "model", "version", "evidence", "endpoint", "traffic"), [_cells(one) for one in models.rows]
    )
    if any(one.living.says_something for one in models.rows):
        output.line()
        columns = ("environment", "model", "traffic", "drift", "last retraining", "exemptions")
        output.table(columns, [(one.environment, one.model, *living.cells(one.living)) for one in models.rows])
    if models.batches:
        output.line()
        batch_status.write(output, models.batches)
    for one in models.rows:
        if one.detail:
            output.line(f"endpoint {one.endpoint} in {one.environment}: {one.detail}", "bad")
    for line in models.rollouts:
        output.line(line, "warn")


def data(models: Models) -> dict[str, object]:
    """The models as JSON carries them."""
    return {
        "models": [
            {
                **living.data(one.living),
                "environment": one.environment,
                "model": one.model,
                "version": one.version,
                "verdict": one.verdict or None,
                "evidence_made": one.evidence_made or None,
                "endpoint": one.endpoint or None,
                "url": one.url or None,
                "health": one.health or None,
                "detail": one.detail,
                "traffic": {str(version): share for version, share in sorted(one.traffic.items())},
                "mirrored": one.mirrored,
            }
            for one in models.rows
        ],
        "rollouts": list(models.rollouts),
        "batches": batch_status.data(models.batches),
    }


def _row(environment: str, model: str, version: ModelVersion | None, state: EndpointState | None) -> ModelRow:
    split = None if state is None else state.deployment.split
    return ModelRow(
        environment=environment,
        model=model,
        version=None if version is None else version.version,
        verdict="" if version is None else _verdict(version),
        evidence_made="" if version is None or version.evidence is None else version.evidence.made,
        endpoint="" if state is None else state.deployment.settings.name,
        url="" if state is None else state.deployment.url,
        health="" if state is None else state.health,
        detail="" if state is None else state.detail,
        traffic={} if split is None else dict(split.shares),
        mirrored=None if split is None else split.mirrored,
    )


def _verdict(version: ModelVersion) -> str:
    if any(one.environment == version.stage for one in version.overrides):
        return "overridden"
    if version.verdict is None:
        return "not judged"
    return "passed" if version.verdict.passed else "failed"


def _cells(one: ModelRow) -> tuple[str, ...]:
    shares = [f"v{version} {share} %" for version, share in sorted(one.traffic.items()) if share]
    copies = [] if one.mirrored is None else [f"v{one.mirrored} copies"]
    when = ""
    if one.evidence_made:
        when = f", {clock.duration(max(0.0, (clock.now() - clock.from_text(one.evidence_made)).total_seconds()))} old"
    return (
        one.environment,
        one.model,
        "-" if one.version is None else str(one.version),
        f"{one.verdict}{when}" if one.verdict else "-",
        f"{one.health} {one.url}".strip() or "-",
        ", ".join([*shares, *copies]) or "-",
    )
