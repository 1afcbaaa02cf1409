"""Look at how a new version takes over an endpoint, and steer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from .. import rollouts as shared
from ..command import command as make_command
from ..command import group
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.rollout import Rollout

SECTION = "model"

command = group(
    "rollout",
    help="Look at how a new version takes over an endpoint, and steer it.",
    examples="""groundplan rollout status
    groundplan rollout advance --force --reason "checked by hand"
    groundplan rollout history""",
)

_endpoint = click.argument("endpoint", required=False)
_environment = environment_option("The environment of the endpoint.  [default: where a rollout is under way]")
_reason = click.option(
    "--reason", envvar="GROUNDPLAN_REASON", show_envvar=True, default="", metavar="TEXT",
    help="Why; stands in the history and the audit log.  [default: none]",
)  # fmt: skip


@make_command(
    "status",
    parent=command,
    examples="""groundplan rollout status
    groundplan rollout status churn -e prod --format json""",
)
@_endpoint
@_environment
def status(session: Session, endpoint: str | None, environment: str | None) -> Result:
    """Show a rollout, after moving it on or turning it back where it is time for that.

    It first finishes what a killed command left.
    """
    from ...lifecycle import rollouts

    resolved = session.config()
    platform = session.platform(resolved)
    state = shared.meant(session, platform, endpoint, environment)
    if not state.is_final or rollouts.is_left(state):
        with shared.taken(session, platform, endpoint, environment) as before:
            state = rollouts.look(platform, before, who=locks.user())
    return shared.shown(platform, state)


@make_command(
    "advance",
    parent=command,
    examples="""groundplan rollout advance
    groundplan rollout advance churn -e prod --approved-by ada@example.com
    groundplan rollout advance --force --reason "checked by hand" """,
)
@_endpoint
@_environment
@_reason
@click.option("--force", is_flag=True, help="Skip what is left of a bake time; needs --reason.  [default: off]")
@click.option("--approved-by", envvar="GROUNDPLAN_APPROVED_BY", show_envvar=True, metavar="PERSON", default="",
              help="Who approved it, where the environment asks for that.  [default: nobody]")  # fmt: skip
def advance(
    session: Session, endpoint: str | None, environment: str | None, reason: str, force: bool, approved_by: str
) -> Result:
    """Take a rollout to its next phase, if what was seen in this one allows it.

    Gives the yes that strategy shadow, or an environment with approval, waits for. No tier of evaluation can be
    skipped: a version was seen beside the one that answers before it answers anybody.
    """
    from ...lifecycle import rollouts
    from ...lifecycle.rollout import Push

    push = Push(who=locks.user(), reason=reason, force=force)
    platform = session.platform(session.config())
    with shared.taken(session, platform, endpoint, environment) as before:
        state = rollouts.advance(platform, before, push=push, approved_by=approved_by)
    return shared.shown(platform, state, told=state.history[-1].reason, exit_code=shared.verdict(state))


@make_command("pause", parent=command, examples='groundplan rollout pause --reason "looking at the logs"')
@_endpoint
@_environment
@_reason
def pause(session: Session, endpoint: str | None, environment: str | None, reason: str) -> Result:
    """Let a rollout stay where it is; a broken condition still turns it back."""
    from ...lifecycle import rollout

    return _changed(session, endpoint, environment, partial(rollout.pause, reason=reason))


@make_command("resume", parent=command, examples="groundplan rollout resume")
@_endpoint
@_environment
@_reason
def resume(session: Session, endpoint: str | None, environment: str | None, reason: str) -> Result:
    """Let a paused rollout go on."""
    from ...lifecycle import rollout

    return _changed(session, endpoint, environment, partial(rollout.resume, reason=reason))


@make_command("abort", parent=command, examples='groundplan rollout abort --reason "begun by mistake"')
@_endpoint
@_environment
@_reason
def abort(session: Session, endpoint: str | None, environment: str | None, reason: str) -> Result:
    """End a rollout: all requests go to the version before, at once.

    The new version keeps its stage, so that groundplan deploy can begin again; groundplan rollback takes the stage
    back too.
    """
    from ...lifecycle import rollout

    return _changed(session, endpoint, environment, partial(rollout.abort, reason=reason))


@make_command("history", parent=command, examples="groundplan rollout history churn -e prod")
@_endpoint
@_environment
def history(session: Session, endpoint: str | None, environment: str | None) -> Result:
    """Tell every rollout of an endpoint, step by step, with what was measured when it was decided."""
    resolved = session.config()
    platform = session.platform(resolved)
    plan = shared.meant(session, platform, endpoint, environment).plan
    found = platform.rollouts.history(plan.endpoint, plan.environment)

    def text(output: Output) -> None:
        for state in found:
            output.line(f"{state.model} version {state.challenger} by {state.plan.strategy}: {state.status}", "bold")
            for transition in state.history:
                output.line(f"  {shared.line(transition)}")

    data = {
        "endpoint": plan.endpoint,
        "environment": plan.environment,
        "rollouts": [shared.data(platform, state) for state in found],
    }
    return Result(data=data, text=text, next=[f"groundplan rollout status {plan.endpoint} -e {plan.environment}"])


def _changed(session: Session, endpoint: str | None, environment: str | None, how: Callable[..., Rollout]) -> Result:
    from ...lifecycle import rollouts

    platform = session.platform(session.config())
    with shared.taken(session, platform, endpoint, environment, wait_seconds=shared.WAY_BACK_SECONDS) as before:
        state = rollouts.change(platform, before, partial(how, who=locks.user(), now=clock.now()))
    return shared.shown(platform, state)
