"""What is known of a model when it is asked whether to train it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...core import clock
from ...lifecycle import promotion, retraining
from ...lifecycle.contract.retraining import LabelledRow, RetrainingDecision, Situation
from ...stacks.pipelines import choose
from .. import nouns
from ..session import Session
from . import monitors, scheduled
from .subject import Subject

if TYPE_CHECKING:
    from ...lifecycle.contract.platform import Platform
    from ...stacks.config.resolved import Resolved


def subjects(session: Session, config: Resolved, platform: Platform, model: str | None = None) -> list[Subject]:
    """The model of this name, or all. Raises NotFoundError for a name that the config does not have."""
    if model is not None:
        choose(model, config.config.models, what="model")
    found: list[Subject] = []
    for plan in nouns.model_plans(config):
        if model in (None, plan.name):
            champion = promotion.furthest(plan, platform.models.list(plan.name))
            environment = plan.environments[0] if champion is None or champion.stage is None else champion.stage
            found.append(
                Subject(
                    config=session.config(environment), first=session.config(plan.environments[0]), platform=platform,
                    plan=plan, champion=champion,
                )
            )  # fmt: skip
    return found


def decide(subject: Subject, now: datetime, *, asked: str | None = None) -> RetrainingDecision:
    """What the config and the facts say of training this model again; with the run that the cloud began for it."""
    decision = retraining.decide(scheduled.plan(subject), situation(subject, asked=asked), now)
    return scheduled.with_job(subject, decision, now)


def situation(subject: Subject, *, asked: str | None = None) -> Situation:
    """The facts on which it is decided."""
    platform, plan = subject.platform, subject.plan
    versions = platform.models.list(plan.name)
    trained = max((clock.from_text(one.created) for one in versions), default=None)
    rows = monitors.labelled(platform, subject.endpoints, subject.config.environment)
    return Situation(
        model=plan.name,
        environment=subject.config.environment,
        version=None if subject.champion is None else subject.champion.version,
        trained=trained,
        decisions=platform.retrainings.decisions(plan.name),
        reports=monitors.reports(platform, subject.endpoints, subject.config.environment),
        labelled=None if rows is None else _since(rows, trained),
        under_way=_under_way(subject),
        asked=asked,
    )


def _since(rows: Sequence[LabelledRow], trained: datetime | None) -> int:
    return sum(trained is None or clock.from_text(one.when) > trained for one in rows)


def _under_way(subject: Subject) -> str:
    """What goes on with the model already; a run under way holds the right to train, which is asked for elsewhere."""
    for one in subject.platform.rollouts.all():
        if one.model == subject.plan.name and not one.is_final:
            at = f"{one.plan.endpoint}@{one.plan.environment}"
            return f"version {one.challenger} is being rolled out at {at}"
    return ""
