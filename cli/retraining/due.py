"""What the triggers of the config ask for, and what was cut short: found, and done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from ...core import clock
from ...lifecycle import retrainings
from ..session import Session
from . import carrying, situations
from .subject import Subject

if TYPE_CHECKING:
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.retraining import RetrainingDecision
    from ...stacks.config.resolved import Resolved

_SAY_NO_AGAIN = timedelta(hours=1)
"""A decision that is the same as the one before is on record once in this time."""


def found(
    session: Session, config: Resolved, platform: Platform, model: str | None = None
) -> Iterator[tuple[Subject, RetrainingDecision]]:
    """What is to be put on record or to be done for each model that has a version in an environment.

    A decision to train again that has an id is one that was cut short.
    """
    for subject in situations.subjects(session, config, platform, model):
        if subject.champion is None:
            continue
        before = platform.retrainings.decisions(subject.plan.name)
        decision = retrainings.begun(before) or situations.decide(subject, clock.now())
        if decision.decision == "retrain" or not _is_known(decision, before[-1] if before else None):
            yield subject, decision


def done(session: Session, config: Resolved, subject: Subject, decision: RetrainingDecision) -> RetrainingDecision:
    """Put it on record and do it, or go on with it. Raises what training raises, LockedError while somebody trains."""
    with session.training(config):
        if decision.id:
            return carrying.carry_out(session, subject, decision)
        return carrying.follow(session, subject, decision)


def _is_known(decision: RetrainingDecision, before: RetrainingDecision | None) -> bool:
    """Whether the record says the same already, not long ago."""
    if before is None or (before.decision, before.trigger) != (decision.decision, decision.trigger):
        return False
    age = clock.from_text(decision.when) - clock.from_text(before.when)
    return timedelta() <= age < _SAY_NO_AGAIN
