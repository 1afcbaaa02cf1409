"""Provisions the laptop and starts what should be served."""

from __future__ import annotations

from collections.abc import Sequence

from ...core import clock
from ...core.exit_codes import ExitCode
from ...core.layout import Layout
from ...lifecycle.contract.deployment import EndpointState
from ...lifecycle.contract.platform import Platform
from ...modules.local import platform as local
from ...modules.local.resource import Outcome, Provisioned
from ...stacks.config.resolved import Resolved
from ..output import Output
from ..progress import working
from ..result import Result
from ..session import Session

_DOING: dict[Outcome, str] = {"created": "creating", "repaired": "repairing", "unchanged": "looking at"}
_PLANNED: dict[Outcome, str] = {"created": "create", "repaired": "repair", "unchanged": "unchanged"}


def up(session: Session, config: Resolved, *, dry_run: bool) -> Result:
    """Make what is missing of the local platform, then start every deployment that should serve."""
    platform = session.platform(config)
    layout, project = Layout(config.root), config.config.project
    local.check_place(layout)
    if dry_run:
        return _planned(project, local.plan(layout, project=project))
    with session.locked(config), working(session.output, "provisioning"):
        done = local.provision(layout, project=project, observer=lambda name, what: _tell(session, name, what))
    with working(session.output, "looking at the endpoints"):
        endpoints = [state for at in platform.endpoints.places() if (state := _resumed(session, config, platform, at))]
    return _result(project, done, endpoints)


def _resumed(session: Session, config: Resolved, platform: Platform, at: tuple[str, str]) -> EndpointState | None:
    """The endpoint as it is once what should serve does, and what a killed command began there is finished."""
    from ...lifecycle import rollouts

    with session.endpoint(config, at):
        found = platform.endpoints.resume(*at)
        left = platform.rollouts.current(*at)
        if left is None or not rollouts.is_left(left):
            return found
        rollouts.finish(platform, left)
        return platform.endpoints.resume(*at)


def _tell(session: Session, capability: str, outcome: Outcome) -> None:
    session.output.message(f"{_DOING[outcome]} {capability}", "dim", level=1 if outcome == "unchanged" else 0)


def _planned(project: str, plan: Sequence[Provisioned]) -> Result:
    def text(output: Output) -> None:
        output.table(
            ("capability", "would", "where"), [(one.capability, _PLANNED[one.outcome], str(one.path)) for one in plan]
        )

    changes = any(one.outcome != "unchanged" for one in plan)
    return Result(
        data={"project": project, "dry_run": True, "resources": [_resource(one) for one in plan], "endpoints": []},
        text=text,
        next=["groundplan up"] if changes else [],
    )


def _result(project: str, done: Sequence[Provisioned], endpoints: Sequence[EndpointState]) -> Result:
    def text(output: Output) -> None:
        output.table(
            ("capability", "", "time", "where"),
            [(one.capability, one.outcome, clock.duration(one.seconds), str(one.path)) for one in done],
        )
        for state in endpoints:
            output.line(_endpoint_line(state), "good" if state.health == "ready" else "bad")
        if all(one.outcome == "unchanged" for one in done):
            output.line("the platform is as it should be; nothing to do")

    down = [state for state in endpoints if state.health != "ready"]
    return Result(
        data={
            "project": project,
            "dry_run": False,
            "resources": [_resource(one) for one in done],
            "endpoints": [_endpoint(state) for state in endpoints],
        },
        text=text,
        next=["groundplan status"] if endpoints else ["groundplan run"],
        exit_code=ExitCode.RESOURCE_FAILED if down else ExitCode.DONE,
        errors=[_error(state) for state in down],
    )


def _endpoint_line(state: EndpointState) -> str:
    settings, served = state.deployment.settings, state.deployment.served
    line = f"endpoint {settings.name}@{settings.environment}  {served.name} {served.version}  {state.health}"
    return f"{line}  {state.deployment.url}" if state.health == "ready" else f"{line}: {state.detail}"


def _resource(one: Provisioned) -> dict[str, object]:
    return {
        "capability": one.capability,
        "outcome": one.outcome,
        "path": str(one.path),
        "description": one.description,
        "seconds": round(one.seconds, 3),
    }


def _endpoint(state: EndpointState) -> dict[str, object]:
    deployment = state.deployment
    return {
        "name": deployment.settings.name,
        "environment": deployment.settings.environment,
        "model": deployment.served.name,
        "version": deployment.served.version,
        "url": deployment.url,
        "health": state.health,
        "pid": state.pid,
        "detail": state.detail,
    }


def _error(state: EndpointState) -> dict[str, object]:
    settings = state.deployment.settings
    return {
        "code": "RESOURCE_FAILED",
        "message": f"endpoint {settings.name}@{settings.environment} does not serve: {state.detail}",
        "where": "", "file": None, "line": None, "column": None,
        "hint": f"groundplan logs {settings.name} --environment {settings.environment}",
    }  # fmt: skip
