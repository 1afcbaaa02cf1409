"""What stands at a cloud, as the state of each stack tells it; the cloud itself is asked for its models alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from ...core.errors import GroundplanError, MissingExtraError, UsageError
from ...core.exit_codes import ExitCode
from ...modules.contract.context import SHARED, AfterUp, Tier
from ...stacks import settings
from ...stacks.config.reading import read_stacks
from ...stacks.config.resolved import Resolved
from ..output import problem_data
from ..result import Result
from ..session import Session
from . import cloud_models, cloud_status_shown
from .cloud import Cloud, joined, open_cloud
from .cloud_models import Models

if TYPE_CHECKING:
    from ...stacks.engine.recovery import Interruption
    from ...stacks.engine.recovery_journal import Reserved
    from ...stacks.engine.state import StackState

Standing = Literal["up", "not up", "interrupted", "unknown"]

NO_MODEL = "what the lifecycle deploys; groundplan status --live asks the cloud"
_DOWN = "not provisioned yet"
_NOT_KNOWN = "in the config; nobody could look whether it is there"


@dataclass(frozen=True, kw_only=True)
class EndpointStatus:
    """An endpoint: its name at the cloud and where it answers, empty before ``up``; what it serves, in words."""

    endpoint: str
    kind: str
    serves: str
    name: str = ""
    scoring_uri: str = ""


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """A stack. ``resources`` and ``changed`` are of its last operation; ``running`` is who works on it now."""

    stack: str
    tier: Tier
    region: str
    standing: Standing = "unknown"
    changed: str = ""
    resources: int = 0
    places: Mapping[str, str]
    endpoints: Sequence[EndpointStatus]
    steps: Sequence[AfterUp] = ()
    interruptions: Sequence[Interruption] = ()
    running: Sequence[str] = ()
    reserved: Sequence[Reserved] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All that the screen shows; ``backend`` is where the state is kept, empty where nobody could look."""

    config: Resolved
    backend: str
    stacks: Sequence[StackStatus]
    problems: Sequence[GroundplanError]
    models: Models | None = None


def status(session: Session, *, live: bool = False) -> Result:
    """What each stack of the project is, and the next command; without an engine what the config says of them.

    ``live`` asks the cloud also which versions of models live there.
    """
    picture, warnings = _look(session)
    if live:
        picture = _with_models(session, picture)
    problems = picture.problems
    return Result(
        data=cloud_status_shown.data(picture),
        text=lambda output: cloud_status_shown.write(output, picture),
        warnings=warnings,
        errors=[problem_data(error.code, problem) for error in problems for problem in error.problems],
        exit_code=problems[0].exit_code if problems else ExitCode.DONE,
        next=_next(picture),
    )


def _with_models(session: Session, picture: Picture) -> Picture:
    """What the cloud cannot be asked is a problem like others; the rest is shown all the same."""
    try:
        return replace(picture, models=cloud_models.look(session, session.config()))
    except GroundplanError as error:
        return replace(picture, problems=[*picture.problems, error])


def _look(session: Session) -> tuple[Picture, Sequence[str]]:
    try:
        cloud = open_cloud(session)
    except (UsageError, MissingExtraError) as error:
        # What is wrong with the config is said here again, and is all that can be said.
        configs = read_stacks(session.folder)
        stacks = [_unseen(stack, config) for stack, config in configs.items()]
        return Picture(config=configs[SHARED], backend="", stacks=stacks, problems=[error]), ()
    problems: list[GroundplanError] = []
    stacks = [_stack(cloud, stack, problems) for stack in cloud.configs]
    backend = _shown(cloud.driver.project.backend)
    picture = Picture(config=cloud.configs[SHARED], backend=backend, stacks=stacks, problems=problems)
    return picture, [*cloud.warnings, *(_left_over(cloud) if any(one.standing == "up" for one in stacks) else [])]


def _left_over(cloud: Cloud) -> list[str]:
    try:
        names = cloud.left_over
    except GroundplanError:  # a stack that cannot be read is told of by itself
        return []
    return [
        f"{name} is up and in groundplan.yaml no more: groundplan destroy -e {name} takes it down, or put it back"
        for name in names
    ]


def _shown(backend: str) -> str:
    """A backend's URL without what may be a secret in it."""
    parts = urlsplit(backend)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _unseen(stack: str, config: Resolved) -> StackStatus:
    """What the config says of a stack that nobody looked at."""
    return StackStatus(
        stack=stack,
        tier=settings.tier(config, stack),
        region=config.config.region or "",
        places={},
        endpoints=() if stack == SHARED else _endpoints(config, None),
    )


def _stack(cloud: Cloud, stack: str, problems: list[GroundplanError]) -> StackStatus:
    from ...stacks.engine import recovery, recovery_files, recovery_journal, recovery_locks

    project, config = cloud.driver.project, cloud.configs[stack]
    files = recovery_files.state_files(project, stack)
    locks = recovery_locks.locks_of(files) if files else ()
    found = replace(
        _unseen(stack, config),
        running=[str(lock) for lock in locks if lock.owner == "running"],
        reserved=recovery_journal.Journal(project=project).reserved(stack),
        interruptions=recovery.interruptions(project, stack),
    )
    if any(one.reads for one in found.interruptions):
        return replace(found, standing="interrupted")
    try:
        # An engine takes a second to say that there is nothing.
        state = cloud.driver.state(stack) if files is None or files.state.is_file() else None
    except GroundplanError as error:
        problems.append(error)
        return found
    return _seen(replace(found, interruptions=recovery.interruptions(project, stack, state)), config, state)


def _seen(found: StackStatus, config: Resolved, state: StackState | None) -> StackStatus:
    standing: Standing = "interrupted" if found.interruptions else "up" if state and state.resources else "not up"
    if state is None or not state.resources:
        return replace(found, standing=standing, endpoints=[replace(one, serves=_DOWN) for one in found.endpoints])
    outputs = state.outputs
    return replace(
        found,
        standing=standing,
        changed=state.stamp,
        resources=sum(not one.is_bookkeeping for one in state.resources),
        places=_places(outputs),
        endpoints=() if found.stack == SHARED else _endpoints(config, _mapping(outputs.get("endpoints"))),
        steps=[
            AfterUp(title=_text(one.get("title")), reason=_text(one.get("reason")), command=_text(one.get("command")))
            for one in map(_mapping, outputs.get("steps") or ())
        ],
    )


def _places(outputs: Mapping[str, Any]) -> dict[str, str]:
    """What the outputs say of where things are."""
    storage = _mapping(outputs.get("storage"))
    found = {
        "workspace": _text(_mapping(outputs.get("workspace")).get("name")),
        "storage": _text(storage.get("name")),
        "data": _text(storage.get("data")),
        "images": _text(outputs.get("images_uri")),
        "registry": _text(outputs.get("registry_id")),
    }
    return {name: value for name, value in found.items() if value}


def _endpoints(config: Resolved, known: Mapping[str, Any] | None) -> list[EndpointStatus]:
    """The endpoints of the config, then those that only the state still has; ``known`` is None where nobody looked."""
    if known is None:
        return [
            EndpointStatus(endpoint=name, kind=section.kind, serves=_NOT_KNOWN)
            for name, section in config.config.endpoints.items()
        ]
    wanted = config.config.endpoints
    return [_endpoint(config, name, _mapping(known.get(name))) for name in dict.fromkeys((*wanted, *known))]


def _endpoint(config: Resolved, name: str, known: Mapping[str, Any]) -> EndpointStatus:
    section = config.config.endpoints.get(name)
    if section is None:
        serves = "no longer in the config; the next up removes it"
    elif not known:
        serves = _DOWN
    elif section.pinned is not None:
        serves = f"the model that the config pins: {section.pinned.uri}"
    else:
        serves = NO_MODEL
    return EndpointStatus(
        endpoint=name,
        kind="" if section is None else section.kind,
        serves=serves,
        name=_text(known.get("name")),
        scoring_uri=_text(known.get("scoring_uri")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    """A state may be of another program, so nothing is taken for granted."""
    return value if isinstance(value, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _next(picture: Picture) -> list[str]:
    if picture.problems:
        return ["groundplan doctor", "groundplan plan"]
    broken = [one for one in picture.stacks if one.interruptions]
    if broken:
        return [one.interruptions[0].hint.partition(" (")[0] for one in broken]
    down = [one.stack for one in picture.stacks if one.standing == "not up"]
    if len(down) == len(picture.stacks):
        return ["groundplan plan", "groundplan up"]
    return [f"groundplan up {joined(down[:1])}"] if down else ["groundplan outputs", "groundplan drift"]
