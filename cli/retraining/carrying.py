"""Trains a model again with all that the command line adds: its config, its rules, its progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...core import clock, locks, processors
from ...core.errors import NotFoundError, PolicyError
from ...core.layout import Layout
from ...lifecycle import retrainings
from ...lifecycle.contract.pipeline import DataInput, Pipeline
from .. import nouns
from ..progress import Progress, working
from ..session import Session
from . import monitors, scheduled
from .subject import Subject

if TYPE_CHECKING:
    from ...lifecycle.contract.model import ModelVersion
    from ...lifecycle.contract.retraining import LabelledRow, RetrainingDecision
    from ...lifecycle.contract.run import Run
    from ...policies.config import ActionKind

_PATIENCE_SECONDS = 600.0
"""So long a training that is done waits for whoever changes something just then."""


def follow(session: Session, subject: Subject, decision: RetrainingDecision) -> RetrainingDecision:
    """Put a decision on record and do it, unless a rule forbids it; whoever calls it is the only one who trains.

    Raises what training raises, and PolicyError where a person asked for what a rule forbids.
    """
    platform, who = subject.platform, locks.user()
    if decision.decision == "retrain" and subject.champion is not None:
        try:
            _ask_rules(session, subject, "retrain", subject.champion, subject.config.environment)
        except PolicyError as error:
            refused = replace(decision, decision="not now", obstacle=error.message)
            refused = retrainings.put_on_record(platform, refused, who=who, now=clock.now())
            if decision.trigger == "manual":
                raise
            return refused
    decision = retrainings.put_on_record(platform, decision, who=who, now=clock.now())
    return carry_out(session, subject, decision) if decision.decision == "retrain" else decision


def carry_out(session: Session, subject: Subject, decision: RetrainingDecision) -> RetrainingDecision:
    """Train again as it was decided, or go on with it. Raises what training raises."""
    means = retrainings.Means(
        train=partial(_train, session, subject, decision),
        alone=partial(session.locked, subject.config, wait_seconds=_PATIENCE_SECONDS),
        permit=partial(_ask_rules, session, subject, "promote"),
        hand_over=partial(_hand_over, session, subject),
    )
    return retrainings.carry_out(subject.platform, subject.plan, decision, means, who=locks.user())


def _train(session: Session, subject: Subject, decision: RetrainingDecision) -> Run:
    """The run that the cloud began for this decision, at its end; else one on the rows of the window."""
    run = _adopted(session, subject, decision) or _begun(session, subject)
    with working(session.output, "recording the run"):
        return subject.platform.runs.record(run)


def _adopted(session: Session, subject: Subject, decision: RetrainingDecision) -> Run | None:
    if scheduled.JOB not in decision.details:
        return None
    session.output.message("going on with the run that the cloud's schedule began", "dim")
    with Progress(session.output, list(scheduled.request(subject).pipeline.steps)) as progress:
        return scheduled.adopted(subject, decision, progress)


def _begun(session: Session, subject: Subject) -> Run:
    """Run the pipeline as groundplan run does, in the first environment, on the rows of the window."""
    request = scheduled.request(subject)
    pipeline = _on_window(session, subject, request.pipeline)
    with Progress(session.output, list(pipeline.steps)) as progress:
        return subject.platform.runs.run(replace(request, pipeline=pipeline, jobs=processors.count()), progress)


def _on_window(session: Session, subject: Subject, pipeline: Pipeline) -> Pipeline:
    """The pipeline that reads the rows of the window in place of its data source."""
    from ...lifecycle.local.data import window

    name = _source(pipeline)
    if name is None:
        return pipeline
    rows: Sequence[LabelledRow] = (
        monitors.labelled(subject.platform, subject.endpoints, subject.config.environment) or ()
    )  # fmt: skip
    chosen = window.select(
        Layout(subject.config.root), pipeline.sources[name], rows, target=subject.plan.target,
        plan=nouns.retraining_plan(subject.config), now=clock.now(),
    )  # fmt: skip
    if chosen.from_data is not None:
        told = f"learning from {chosen.from_data} rows of the data and {chosen.labelled} that were labelled since"
        session.output.message(told, "dim")
    return replace(pipeline, sources={**pipeline.sources, name: chosen.source})


def _source(pipeline: Pipeline) -> str | None:
    """The first data source of the config that a step reads."""
    inputs = [one for step in pipeline.steps.values() for one in step.inputs.values()]
    read = {one.source for one in inputs if isinstance(one, DataInput)}
    return next((name for name in pipeline.sources if name in read), None)


def _hand_over(session: Session, subject: Subject, version: ModelVersion, environment: str) -> str:
    """Begin the configured rollout at every endpoint of that environment that serves the model already."""
    from ...lifecycle import rollouts

    config, said = session.config(environment), list[str]()
    for endpoint in replace(subject, config=config).endpoints:
        try:
            subject.platform.endpoints.deployment(endpoint, environment)
        except NotFoundError:
            continue
        _ask_rules(session, subject, "deploy", version, environment)
        settings, plan = nouns.endpoint_settings(config, endpoint), nouns.rollout_plan(config, endpoint)
        with session.endpoint(config, (endpoint, environment), wait_seconds=_PATIENCE_SECONDS):
            begun = rollouts.start(subject.platform, subject.plan, settings, plan, who=locks.user())
        how = "answers already" if begun is None else f"{begun.plan.strategy}, {begun.status}"
        said.append(f"{endpoint}@{environment}: {how}")
    return "; ".join(said)


def _ask_rules(
    session: Session, subject: Subject, kind: ActionKind, version: ModelVersion, environment: str
) -> None:  # fmt: skip
    from ..checking import actions, evidence

    config = session.config(environment)
    action = evidence.action(kind, subject.platform, version, config, actor=locks.user())
    actions.require(session, config, subject.platform, action)
