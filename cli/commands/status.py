"""Show on one screen what is there, what serves, what happened, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import click

from ...core import clock, files
from ...core.errors import GroundplanError, StoreCorruptedError
from ...core.exit_codes import ExitCode
from ...core.layout import Layout
from ...lifecycle import rollout
from ...lifecycle.contract.deployment import EndpointState
from ...lifecycle.contract.model import ModelVersion
from ...lifecycle.contract.platform import Platform
from ...lifecycle.contract.run import Run
from ...modules.local import database
from ...modules.local import platform as local
from ...stacks.config.resolved import Resolved
from .. import living, nouns
from ..command import command as make_command
from ..living import Living
from ..output import Output, problem_data
from ..result import Result
from ..session import Session

SECTION = "model"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A model in an environment: the version that is there and the endpoint that serves it."""

    environment: str
    model: str
    version: ModelVersion | None
    endpoint: EndpointState | None
    max_age_seconds: int | None
    living: Living = field(default_factory=Living)


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """All that the screen shows; ``waiting`` are versions that are in no environment yet."""

    config: Resolved
    provisioned: bool
    run: Run | None
    rows: Sequence[_Row]
    waiting: Sequence[ModelVersion]
    events: Sequence[str]
    problems: Sequence[GroundplanError]


@make_command(
    "status",
    examples="""
    groundplan status
    groundplan status --format json
    groundplan status --html status.html
    """,
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Also write it as one page that needs nothing else.  [default: none]")  # fmt: skip
@click.option("--live", is_flag=True, help="On a cloud: also ask it which model versions serve.  [default: off]")
def command(session: Session, html: Path | None, live: bool) -> Result:
    """Show the platform, the last run, and for each environment which model version serves and how it was judged.

    Changes nothing but for finishing a stage change that a kill cut short. A part that cannot be read is reported as
    a problem, and the rest is shown all the same.

    On a cloud it shows each stack as its state tells it: what is up, where it is, what an interruption left behind, the
    steps after up. The cloud itself is asked with --live for the models alone; groundplan drift asks it for the rest.
    """
    config = session.config()
    if config.config.platform != "local":
        from ..provisioning import cloud_status

        return cloud_status.status(session, live=live)
    picture = _look(session, config)
    if html is not None:
        files.write_text(html, _page(picture))
    return Result(
        data=_data(picture),
        text=lambda output: _write(output, picture),
        next=_next(picture),
        errors=[problem_data(error.code, problem) for error in picture.problems for problem in error.problems],
        exit_code=picture.problems[0].exit_code if picture.problems else ExitCode.DONE,
    )


def _look(session: Session, config: Resolved) -> _Picture:
    platform = session.platform(config)
    layout = Layout(config.root)
    local.check_place(layout)
    problems: list[GroundplanError] = []
    runs = _tried(lambda: platform.runs.list() if layout.runs.is_dir() else (), problems)
    # MLflow takes seconds to import: it is asked only when there is something to hear.
    interrupted = _interrupted_change(layout)
    registered = layout.audit_log.exists() or database.registered(layout.tracking_database) != (0, 0)
    versions = _tried(lambda: platform.models.list() if registered or interrupted else (), problems)
    _tried(lambda: platform.models.audit_log() if registered else (), problems)
    states = _tried(lambda: platform.endpoints.states() if layout.endpoints.is_dir() else (), problems)
    return _Picture(
        config=config,
        provisioned=local.is_provisioned(layout),
        run=runs[0] if runs else None,
        rows=_living(session, platform, _rows(config, versions, states), problems),
        waiting=_waiting(versions),
        events=[*_events(layout, runs, interrupted), *_tried(lambda: _rollouts(platform), problems)],
        problems=problems,
    )


def _tried(read: Callable[[], Sequence[T]], problems: list[GroundplanError]) -> Sequence[T]:
    """What ``read`` gives; what it complains of is kept, and nothing is shown in its place."""
    try:
        return read()
    except GroundplanError as error:
        problems.append(error)
        return ()


def _rows(config: Resolved, versions: Sequence[ModelVersion], states: Sequence[EndpointState]) -> list[_Row]:
    """Every environment and model of the config, and whatever else the registry or an endpoint still has."""
    ages = {
        (environment, plan.name): rubric.max_age_seconds
        for plan in nouns.model_plans(config)
        for environment, rubric in plan.rubrics.items()
    }
    staged = {(version.stage, version.name): version for version in versions if version.stage is not None}
    served = {(one.deployment.settings.environment, one.deployment.served.name): one for one in states}
    places = dict.fromkeys((*((e, m) for e in config.environment_names for m in config.config.models),
                            *((str(e), m) for e, m in staged), *served))  # fmt: skip
    return [
        _Row(environment=environment, model=model, version=staged.get((environment, model)),
             endpoint=served.get((environment, model)), max_age_seconds=ages.get((environment, model)))
        for environment, model in places
    ]  # fmt: skip


def _living(
    session: Session, platform: Platform, rows: Sequence[_Row], problems: list[GroundplanError]
) -> list[_Row]:  # fmt: skip
    """The rows with what our own files tell of each."""
    known = set(session.config().environment_names)

    def one(row: _Row) -> _Row:
        if row.environment not in known:
            return row
        config = session.config(row.environment)
        found = _tried(lambda: [living.of(platform, config, row.model, row.endpoint)], problems)
        return replace(row, living=found[0]) if found else row

    return [one(row) for row in rows]


def _waiting(versions: Sequence[ModelVersion]) -> list[ModelVersion]:
    """Of each model the newest version, when it is in no environment and was neither retired nor rejected."""
    newest: dict[str, ModelVersion] = {}
    for version in versions:
        newest.setdefault(version.name, version)
    return [one for one in newest.values() if one.stage is None and one.status == "registered"]


def _interrupted_change(layout: Layout) -> str:
    """The stage change that a kill cut short, in words; reading the registry finishes it."""
    try:
        return str(files.read_json(layout.journal).get("does", "a change"))
    except (OSError, StoreCorruptedError):
        return ""


def _events(layout: Layout, runs: Sequence[Run], interrupted: str) -> list[str]:
    events: list[str] = []
    if runs and runs[0].status == "interrupted":
        events.append(f"run {runs[0].id} was interrupted; groundplan run goes on from the steps that are done")
    if interrupted and not layout.journal.exists():
        events.append(f"an interrupted change was finished now: {interrupted}")
    return events


def _rollouts(platform: Platform) -> list[str]:
    """Each rollout that is under way, or that a killed command left half done."""
    return [
        f"{rollout.name(one)} is {one.status}, phase {one.phase + 1} of {len(one.plan.phases)}: "
        f"{rollout.describe(one)}; groundplan rollout status {one.plan.endpoint} -e {one.plan.environment}"
        for one in platform.rollouts.all()
        if not one.is_final or one.applying
    ]


def _next(picture: _Picture) -> list[str]:
    endpoints = [row.endpoint for row in picture.rows if row.endpoint is not None]
    if not picture.provisioned or any(one.health == "stopped" for one in endpoints):
        return ["groundplan up"]
    if picture.problems:
        return ["groundplan doctor"]
    if picture.waiting:
        return [f"groundplan models promote {one.name} {one.version}" for one in picture.waiting]
    staged = [row for row in picture.rows if row.version is not None]
    if not staged:
        return ["groundplan run"]
    if all(row.endpoint is None for row in staged):
        return [f"groundplan deploy --environment {staged[-1].environment}"]
    return ["groundplan predict"]


def _write(output: Output, picture: _Picture) -> None:
    config = picture.config
    output.fields(
        [
            ("project", f"{config.config.project}  ({config.config.platform}, {config.root})"),
            ("platform", "provisioned" if picture.provisioned else "not provisioned"),
            ("last run", _run_line(picture.run)),
        ]
    )
    output.line()
    output.table(
        ("environment", "model", "version", "evidence", "endpoint", "requests"), [_cells(row) for row in picture.rows]
    )
    if any(row.living.says_something for row in picture.rows):
        output.line()
        columns = ("environment", "model", "traffic", "drift", "last retraining", "exemptions")
        output.table(columns, [(row.environment, row.model, *living.cells(row.living)) for row in picture.rows])
    for row in picture.rows:
        for line in _override_lines(row):
            output.line(line, "warn")
        if row.endpoint is not None and row.endpoint.detail:
            output.line(f"endpoint in {row.environment}: {row.endpoint.detail}", "bad")
    for version in picture.waiting:
        output.line(f"{version.name} {version.version} is registered and in no environment yet")
    for event in picture.events:
        output.line(event, "warn")
    for error in picture.problems:
        output.error(error, command="status")


def _page(picture: _Picture) -> str:
    from ..reports import status as page

    notes = [line for row in picture.rows for line in _override_lines(row)]
    notes += [f"{row.environment}: exempted: {one}" for row in picture.rows for one in row.living.exemptions]
    notes += [*picture.events, *(error.message for error in picture.problems)]
    return page.render(
        project=picture.config.config.project,
        platform="provisioned" if picture.provisioned else "not provisioned",
        made=clock.for_people(clock.to_text(clock.now())),
        rows=[(*_cells(row), *living.cells(row.living)) for row in picture.rows],
        notes=notes,
    )


def _run_line(run: Run | None) -> str:
    if run is None:
        return "none yet"
    return f"{run.id}  {run.pipeline}  {run.status}  {clock.for_people(run.started)}  {clock.duration(run.seconds)}"


def _cells(row: _Row) -> tuple[str, ...]:
    endpoint = row.endpoint
    return (
        row.environment,
        row.model,
        "-" if row.version is None else str(row.version.version),
        _evidence_text(row),
        "-" if endpoint is None else f"{endpoint.health} {endpoint.deployment.url}{_served_other(row)}",
        "-" if endpoint is None or endpoint.counters is None else str(int(_requests(endpoint.counters))),
    )


def _served_other(row: _Row) -> str:
    """What an endpoint serves when it is not the version of its environment."""
    assert row.endpoint is not None  # noqa: S101 asked only where there is one
    served = row.endpoint.deployment.served.version
    return "" if row.version is not None and row.version.version == served else f" (serves {served})"


def _requests(counters: Mapping[str, float]) -> float:
    return counters.get("requests", 0.0)


def _verdict(version: ModelVersion) -> str:
    if version.overrides:
        return "overridden"
    if version.verdict is None:
        return "not judged"
    return "passed" if version.verdict.passed else "failed"


def _age_seconds(version: ModelVersion) -> float | None:
    if version.evidence is None:
        return None
    return max(0.0, (clock.now() - clock.from_text(version.evidence.made)).total_seconds())


def _stale(row: _Row) -> bool:
    age = None if row.version is None else _age_seconds(row.version)
    return age is not None and row.max_age_seconds is not None and age > row.max_age_seconds


def _evidence_text(row: _Row) -> str:
    if row.version is None:
        return "-"
    age = _age_seconds(row.version)
    when = "no evidence" if age is None else f"{clock.duration(age)} old"
    verdict = _verdict(row.version)
    return f"{verdict.upper() if verdict != 'passed' else verdict}, {when}{', STALE' if _stale(row) else ''}"


def _override_lines(row: _Row) -> list[str]:
    if row.version is None:
        return []
    return [
        f"OVERRIDE {row.model} {row.version.version} in {one.environment}: {one.person} let it pass "
        f"({clock.for_people(one.when)}): {one.reason}"
        for one in row.version.overrides
    ]


def _data(picture: _Picture) -> dict[str, object]:
    config, run = picture.config, picture.run
    return {
        "project": config.config.project,
        "platform": config.config.platform,
        "folder": str(config.root),
        "provisioned": picture.provisioned,
        "run": None if run is None else {
            "id": run.id, "pipeline": run.pipeline, "environment": run.environment, "status": run.status,
            "started": run.started, "seconds": run.seconds,
        },
        "models": [_row_data(row) for row in picture.rows],
        "waiting": [{"model": one.name, "version": one.version, "verdict": _verdict(one)} for one in picture.waiting],
        "events": list(picture.events),
    }  # fmt: skip


def _row_data(row: _Row) -> dict[str, object]:
    version = row.version
    return {
        "environment": row.environment,
        "model": row.model,
        "version": None if version is None else version.version,
        "digest": None if version is None else version.digest,
        "verdict": None if version is None else _verdict(version),
        "evidence_made": None if version is None or version.evidence is None else version.evidence.made,
        "evidence_stale": _stale(row),
        "overrides": [] if version is None else [
            {"person": one.person, "reason": one.reason, "environment": one.environment, "when": one.when,
             "failures": list(one.failures)} for one in version.overrides
        ],
        "endpoint": None if row.endpoint is None else _endpoint_data(row.endpoint),
        **living.data(row.living),
    }  # fmt: skip


def _endpoint_data(state: EndpointState) -> dict[str, object]:
    deployment = state.deployment
    return {
        "name": deployment.settings.name,
        "url": deployment.url,
        "health": state.health,
        "detail": state.detail,
        "pid": state.pid,
        "version": deployment.served.version,
        "deployed": deployment.deployed,
        "deployed_by": deployment.deployed_by,
        "counters": None if state.counters is None else dict(state.counters),
    }
