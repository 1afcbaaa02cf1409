"""Serve a model version over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from ...core.exit_codes import ExitCode
from .. import batches
from .. import rollouts as shared
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.deployment import EndpointSettings
    from ...lifecycle.contract.model import ModelVersion
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.rollout import Strategy

SECTION = "model"


@make(
    "deploy",
    examples="""groundplan deploy
    groundplan deploy -e staging
    groundplan deploy churn -e production --strategy canary --wait""",
)
@click.argument("endpoint", required=False)
@environment_option("Serve the version in this environment's stage.  [default: the furthest that has a model]")
@click.option("--strategy", type=click.Choice(["direct", "canary", "blue-green", "ab", "shadow"]),
              help="How it takes over, in place of the config's.  [default: endpoints.<name>.rollout.strategy]")  # fmt: skip  # noqa: E501
@click.option("--wait", is_flag=True, help="Follow the rollout to its end; 11 when it is turned back, 5 when it waits for a person.  [default: off]")  # fmt: skip  # noqa: E501
def command(
    session: Session, endpoint: str | None, environment: str | None, strategy: Strategy | None, wait: bool
) -> Result:
    """Serve the model version of an environment's stage over HTTP, taking over as the config's rollout says.

    The version before keeps answering until the new one is ready, and stays if it never is. The first version of an
    endpoint answers at once. ENDPOINT is needed only when the project has several.

    A rollout in phases goes on when somebody looks: groundplan rollout status, or this command with --wait. A batch
    endpoint of a cloud takes the version for its next job, without a rollout.
    """
    from ...lifecycle import deployment, rollouts
    from ..nouns import endpoint_settings, model_plan, rollout_plan

    resolved = session.config(environment)
    with session.locked(resolved):
        platform = session.platform(resolved)
        plan = model_plan(resolved, endpoint_settings(resolved, endpoint).model)
        version = deployment.stage_version(platform.models.list(plan.name), plan, environment)
        config = session.config(version.stage)
        settings = endpoint_settings(config, endpoint)
        with session.endpoint(config, (settings.name, settings.environment)):
            version = deployment.stage_version(platform.models.list(plan.name), plan, settings.environment)
            _ask_rules(session, platform, version, settings.environment)
            if batches.works(settings, platform):
                return batches.deploy(platform, plan, settings, version)
            session.output.message(f"starting {plan.name} version {version.version} for {version.stage}", "dim")
            state = rollouts.start(platform, plan, settings, rollout_plan(config, endpoint, strategy), who=locks.user())
    if state is not None and wait:
        state = shared.follow(session, resolved, platform, state)
    if state is None or state.status == "completed":
        return _result(platform, settings)
    at = f"{settings.name}@{settings.environment}"
    told = f"{plan.name} version {state.challenger} takes over {at} by {state.plan.strategy}"
    shown = shared.shown(platform, state, told=told, exit_code=shared.verdict(state) if wait else ExitCode.DONE)
    return replace(shown, data={**_data(platform, settings), "rollout": shown.data})


def _ask_rules(session: Session, platform: Platform, version: ModelVersion, environment: str) -> None:
    from ..checking import actions, evidence

    config = session.config(environment)
    actions.require(session, config, platform, evidence.action("deploy", platform, version, config, actor=locks.user()))


def _result(platform: Platform, settings: EndpointSettings) -> Result:
    data = _data(platform, settings)

    def text(output: Output) -> None:
        output.line(f"{data['model']} version {data['version']} answers in {settings.environment}", "good")
        replaced = data["previous_version"]
        output.fields(
            [
                ("url", str(data["url"])),
                *([("documentation", f"{data['url']}/docs")] if data["port"] else []),
                ("replaced", "nothing" if replaced is None else f"version {replaced}"),
                ("since", clock.for_people(str(data["deployed"]))),
                *([("process", str(data["pid"])), ("log", str(data["log"]))] if data["port"] else []),
                *([("override", str(data["override"]))] if data["override"] else []),
            ]
        )

    again = f"groundplan predict {settings.name} -e {settings.environment}"
    return Result(data={**data, "rollout": None}, text=text, next=[again, "groundplan status"])


def _data(platform: Platform, settings: EndpointSettings) -> dict[str, object]:
    """The endpoint as it is now; the version is the one with most of the requests."""
    at = (settings.name, settings.environment)
    state = next(
        one
        for one in platform.endpoints.states()
        if (one.deployment.settings.name, one.deployment.settings.environment) == at
    )
    deployed = state.deployment
    on_this_machine = not deployed.address
    return {
        "endpoint": settings.name,
        "environment": settings.environment,
        "url": deployed.url,
        "model": deployed.served.name,
        "version": deployed.served.version,
        "digest": deployed.served.digest,
        "previous_version": deployed.previous.version if deployed.previous else None,
        "override": deployed.served.override,
        "health": state.health,
        "pid": state.pid,
        "port": deployed.port if on_this_machine else None,
        "deployed": deployed.deployed,
        "deployed_by": deployed.deployed_by,
        "log": str(platform.endpoints.log(*at)) if on_this_machine else None,
    }
