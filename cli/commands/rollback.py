"""Go back to the last good version of an endpoint, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from .. import batches
from .. import rollouts as shared
from ..command import command as make_command
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.batch import BatchDeployment
    from ...lifecycle.contract.platform import Platform

SECTION = "model"


@make_command(
    "rollback",
    examples="""groundplan rollback --reason "errors doubled since noon"
    groundplan rollback churn -e prod --reason "wrong features"
    groundplan rollback churn -e prod --to 3 --reason "2024 is not over" """,
)
@click.argument("endpoint", required=False)
@environment_option("The environment of the endpoint.  [default: where a rollout is, or was last]")
@click.option(
    "--reason", envvar="GROUNDPLAN_REASON", show_envvar=True, default="", metavar="TEXT",
    help="Why; stands in the history and the audit log. Needed.",
)  # fmt: skip
@click.option("--to", type=click.IntRange(min=1), metavar="VERSION",
              help="The version to go back to; needed to go further back than once.  [default: the last good one]")  # fmt: skip  # noqa: E501
def command(session: Session, endpoint: str | None, environment: str | None, reason: str, to: int | None) -> Result:
    """Send all requests of an endpoint to the last good version, at once.

    During a rollout that is the version before, which still runs. Afterwards it is started again from the registry.
    The new version leaves its stage too, where it had one, so that nothing deploys it again by itself. What the policy
    rules say of the version that answers again is told and does not stop it. A training under way does not either.

    At a batch endpoint of a cloud the version that worked before works again, from the next job on.
    """
    from ...lifecycle import rollouts
    from ..nouns import endpoint_settings

    resolved = session.config(environment)
    platform = session.platform(resolved)
    batch = batches.meant(platform, resolved, endpoint)
    if batch is not None:
        return _batch(session, platform, batches.deployment(platform, resolved, batch, environment), reason, to)
    if environment is None:
        plan = shared.meant(session, platform, endpoint, None).plan
        name, environment = plan.endpoint, plan.environment
    else:
        name = endpoint_settings(resolved, endpoint).name
    with session.endpoint(resolved, (name, environment), wait_seconds=shared.WAY_BACK_SECONDS):
        state = rollouts.roll_back(platform, name, environment, who=locks.user(), reason=reason, to=to)
    deployed = platform.endpoints.deployment(name, environment)
    _tell_rules(session, platform, state.model, deployed.served.version, environment)
    told = f"{state.model} version {deployed.served.version} answers in {environment} again"

    def text(output: Output) -> None:
        output.line(told, "good")
        output.fields(
            [
                ("url", deployed.url),
                ("turned back", f"version {state.challenger}"),
                ("since", clock.for_people(state.history[-1].when)),
                ("why", state.history[-1].reason),
            ]
        )

    data = {
        "endpoint": name, "environment": environment, "url": deployed.url, "model": state.model,
        "version": deployed.served.version, "from": state.challenger, "rollout": state.id, "reason": reason,
    }  # fmt: skip
    following = [f"groundplan rollout history {name} -e {environment}", "groundplan status"]
    return Result(data=data, text=text, next=following)


def _batch(session: Session, platform: Platform, there: BatchDeployment, reason: str, to: int | None) -> Result:
    made = batches.roll_back(
        session, platform, there, reason=reason, to=to, wait_seconds=shared.WAY_BACK_SECONDS
    )  # fmt: skip
    _tell_rules(session, platform, made.served.name, made.served.version, made.environment)
    return batches.turned_back(made)


def _tell_rules(session: Session, platform: Platform, model: str, version: int, environment: str) -> None:
    """What the rules say of the version that answers again: told and never refused, since a way back must be open."""
    from ..checking import actions, evidence

    config = session.config(environment)
    back = platform.models.get(model, version)
    actions.tell(session, config, platform, evidence.action("rollback", platform, back, config, actor=locks.user()))
