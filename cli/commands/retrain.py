"""Train a model again and let the winner take over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ...core import clock, locks
from ...core.errors import CancelledError, GroundplanError, NotFoundError, UsageError
from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..output import Output, problem_data
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.retraining import RetrainingDecision
    from ...stacks.config.resolved import Resolved

SECTION = "model"


@make_command(
    "retrain",
    examples="""groundplan retrain --check
    groundplan retrain
    groundplan retrain --once
    groundplan retrain churn --reason "prices were corrected" """,
)
@click.argument("model", required=False)
@click.option("--check", is_flag=True, help="Only say what the triggers of the config decide.  [default: off]")
@click.option("--reason", metavar="TEXT", envvar="GROUNDPLAN_REASON", show_envvar=True, default="",
              help="Why a person wants it; goes into the record and the audit log.  [default: none]")  # fmt: skip
@click.option("--once", is_flag=True, help="Only where the triggers ask for it, as watch does; for cron and CI.  "
              "[default: off]")  # fmt: skip
def command(session: Session, model: str | None, *, check: bool, reason: str, once: bool) -> Result:
    """Train a model again, hold it against the champion on the same held-out rows, roll a winner out.

    You are the trigger: the cool-down is not waited for, but what is under way, the runs per month and the budget are
    heeded. A winner is registered, promoted as far as nobody's yes is needed, up to where the champion is, and handed
    to the configured rollout. A loser changes nothing. What was decided is put on record, also when it is not now.

    With --once every model of the project has its turn; one that fails keeps none of the others from it.

    One that was killed goes on where it was. MODEL is needed only when the project has several, and not with --once.
    """
    config = session.config()
    platform = session.platform(config)
    if check:
        return _checked(session, config, platform, model)
    if once:
        return _once(session, config, platform, model, reason)
    with session.training(config):
        decision = _retrained(session, config, platform, model, reason)
    return _result([decision])


def _checked(session: Session, config: Resolved, platform: Platform, model: str | None) -> Result:
    from ..retraining import situations

    now = clock.now()
    return _result([situations.decide(one, now) for one in situations.subjects(session, config, platform, model)])


def _once(session: Session, config: Resolved, platform: Platform, model: str | None, reason: str) -> Result:
    from ..retraining import due

    if reason:
        raise UsageError("--once looks at the triggers of the config; a person's reason is one of its own",
                         hint="Leave out --once, or --reason and GROUNDPLAN_REASON.")  # fmt: skip
    decisions: list[RetrainingDecision] = []
    errors: list[GroundplanError] = []
    for one in due.found(session, config, platform, model):
        try:
            decisions.append(due.done(session, config, *one))
        except CancelledError:
            raise
        except GroundplanError as error:
            errors.append(error)
    if len(errors) == 1 and not decisions:
        raise errors[0]
    return _result(decisions, errors)


def _retrained(
    session: Session, config: Resolved, platform: Platform, model: str | None, reason: str
) -> RetrainingDecision:  # fmt: skip
    from ...lifecycle import retrainings
    from ..retraining import carrying, situations

    found = situations.subjects(session, config, platform, model)
    if len(found) != 1:
        raise UsageError(f"the project has {len(found)} models; name one",
                         hint=f"Known: {', '.join(one.plan.name for one in found)}.")  # fmt: skip
    [subject] = found
    if not platform.models.list(subject.plan.name):
        raise NotFoundError(f"{subject.plan.name} was never trained", hint="groundplan run makes the first version.")
    if left := retrainings.begun(platform.retrainings.decisions(subject.plan.name)):
        session.output.message(f"going on with the retraining of {clock.for_people(left.when)}, which was cut short")
        return carrying.carry_out(session, subject, left)
    asked = reason or f"{locks.user()} asks for it"
    return carrying.follow(session, subject, situations.decide(subject, clock.now(), asked=asked))


def _result(decisions: Sequence[RetrainingDecision], errors: Sequence[GroundplanError] = ()) -> Result:
    from ..retraining import shown

    def text(output: Output) -> None:
        for one in decisions:
            shown.show(output, one)
        for error in errors:
            output.error(error, command="")

    won = [one for one in decisions if one.outcome == "won"]
    return Result(
        data={"decisions": [shown.data(one) for one in decisions]},
        text=text,
        next=[f"groundplan models show {one.model} {one.version}" for one in won] + ["groundplan status"],
        exit_code=errors[0].exit_code if errors else ExitCode.DONE,
        errors=[problem_data(error.code, problem) for error in errors for problem in error.problems],
    )
