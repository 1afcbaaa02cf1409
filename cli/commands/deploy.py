"""Serve a model version over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.deployment import EndpointState
    from ...lifecycle.contract.model import ModelVersion
    from ...lifecycle.contract.platform import Platform

SECTION = "model"


@make(
    "deploy",
    examples="""groundplan deploy
    groundplan deploy -e staging
    groundplan deploy churn -e production""",
)
@click.argument("endpoint", required=False)
@environment_option("Serve the version in this environment's stage.  [default: the furthest that has a model]")
def command(session: Session, endpoint: str | None, environment: str | None) -> Result:
    """Serve the model version of an environment's stage over HTTP.

    The version before keeps answering until the new one is ready, and stays if it never is. ENDPOINT is needed only
    when the project has several.
    """
    from ...lifecycle import deployment
    from ..nouns import endpoint_settings, model_plan

    resolved = session.config(environment)
    with session.locked(resolved):
        platform = session.platform(resolved)
        plan = model_plan(resolved, endpoint_settings(resolved, endpoint).model)
        version = deployment.stage_version(platform.models.list(plan.name), plan, environment)
        settings = endpoint_settings(session.config(version.stage), endpoint)
        _ask_rules(session, platform, version, settings.environment)
        session.output.message(f"starting {plan.name} version {version.version} for {version.stage}", "dim")
        state = deployment.deploy(platform, plan, settings, who=locks.user())
        log = platform.endpoints.log(settings.name, settings.environment)
    return _result(state, str(log))


def _ask_rules(session: Session, platform: Platform, version: ModelVersion, environment: str) -> None:
    from ..checking import actions, evidence

    config = session.config(environment)
    actions.require(session, config, platform, evidence.action("deploy", platform, version, config, actor=locks.user()))


def _result(state: EndpointState, log: str) -> Result:
    deployed = state.deployment
    served, settings = deployed.served, deployed.settings

    def text(output: Output) -> None:
        output.line(f"{served.name} version {served.version} answers in {settings.environment}", "good")
        output.fields(
            [
                ("url", deployed.url),
                ("documentation", f"{deployed.url}/docs"),
                ("replaced", f"version {deployed.previous.version}" if deployed.previous else "nothing"),
                ("since", clock.for_people(deployed.deployed)),
                ("process", str(state.pid)),
                ("log", log),
                *([("override", served.override)] if served.override else []),
            ]
        )

    data = {
        "endpoint": settings.name,
        "environment": settings.environment,
        "url": deployed.url,
        "model": served.name,
        "version": served.version,
        "digest": served.digest,
        "previous_version": deployed.previous.version if deployed.previous else None,
        "override": served.override,
        "health": state.health,
        "pid": state.pid,
        "port": deployed.port,
        "deployed": deployed.deployed,
        "deployed_by": deployed.deployed_by,
        "log": log,
    }
    again = f"groundplan predict {settings.name} -e {settings.environment}"
    return Result(data=data, text=text, next=[again, "groundplan status"])
