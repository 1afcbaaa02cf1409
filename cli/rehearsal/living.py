"""The promises of what comes after a rollout: drift is found, and it trains a challenger that must win."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...core import clock
from ...core.errors import DataError, GateFailedError, ResourceFailedError
from ...lifecycle import monitoring
from ...lifecycle.contract.monitoring import Label
from ..monitoring.watched import watched
from ..retraining import carrying, situations
from .stage import SkippedError, Stage

if TYPE_CHECKING:
    from ...lifecycle.contract.retraining import RetrainingDecision

_BATCH = 50
_LEAST_ROWS = 100
"""Sent at once: twice what a window needs in a rehearsal, as the end of one may come in between."""

_WINDOWS = 5
"""In so many it must be found: the first still holds the requests before, and a slow machine may miss one's end."""


def drifted(stage: Stage) -> str:
    """Requests that are unlike the training data raise an alert that names the feature."""
    feature, chosen = _shifted(stage)
    for _ in range(_WINDOWS):
        _ask(stage, chosen)
        found = _looked(stage)
        if feature in found:
            others = f" and {len(found) - 1} others" if len(found) > 1 else ""
            return f"only the uppermost fifth of {feature} was asked about: alerts on {feature}{others}"
    raise GateFailedError(
        f"only the uppermost fifth of {feature} was asked about, and 'monitoring.drift' found nothing"
    )


def retrained(stage: Stage) -> str:
    """An alert starts a training; a loser changes nothing, a winner takes over as the config says."""
    watch = watched(stage.session, stage.endpoint, stage.environment)
    watch.store.feedback(stage.endpoint, stage.environment, stage.labels, window_seconds=watch.plan.window_seconds,
                         now=clock.to_text(clock.now()))  # fmt: skip
    [subject] = situations.subjects(stage.session, stage.config, stage.platform, stage.plan.name)
    before = _standing(stage)
    with stage.load() as load:
        decision = situations.decide(subject, clock.now())
        if "drift" not in decision.fired:
            raise ResourceFailedError(f"drift started no training: {decision.reasons['drift']}")
        with stage.session.training(stage.config):
            decision = carrying.follow(stage.session, subject, decision)
        told = _outcome(stage, decision, before)
    if load.lost:
        raise ResourceFailedError(f"{len(load.lost)} of {load.total + len(load.lost)} requests lost: {load.lost[0]}")
    return f"{told}; {load.total} requests meanwhile, none lost"


def _outcome(stage: Stage, decision: RetrainingDecision, before: object) -> str:
    if decision.decision != "retrain":
        raise SkippedError(f"drift asks for a training, which is not now: {decision.obstacle}")
    if decision.outcome == "lost":
        if (after := _standing(stage)) != before:
            raise ResourceFailedError(f"the challenger lost, and still something changed: {before} became {after}")
        return f"the challenger lost and changed nothing ({decision.details['why']})"
    if waits := decision.details["waits"]:
        return f"the challenger won as version {decision.version} and waits: {waits}"
    state = stage.follow()
    if state.status != "completed" or stage.shares() != {decision.version: 100}:
        raise ResourceFailedError(f"the challenger won and did not take over: {state.history[-1].reason}")
    return f"the challenger won ({decision.details['comparison']}) and took over as version {decision.version}"


def _standing(stage: Stage) -> object:
    """What a loser must not change."""
    versions = [(one.version, one.stage, one.status) for one in stage.platform.models.list(stage.plan.name)]
    return versions, stage.shares()


def _shifted(stage: Stage) -> tuple[str, Sequence[int]]:
    """A feature, and the numbers of the rows that have the uppermost fifth of its values."""
    redacted = stage.platform.endpoints.deployment(stage.endpoint, stage.environment).settings.redact
    columns = {name: [row[name] for row in stage.rows] for name in stage.rows[0] if name not in redacted}
    if not columns:
        raise SkippedError("every input is redacted in the log: nothing is known of them")
    feature = max(columns, key=lambda name: (_is_numeric(columns[name]), len(set(map(str, columns[name])))))
    key = _order(columns[feature])
    there = sorted((number for number, value in enumerate(columns[feature]) if value is not None), key=key)
    if not there or key(there[0]) == key(there[-1]):
        raise DataError(f"the held-out rows are all alike, also in {feature}: no others can be made of them")
    return feature, there[-max(1, len(there) // 5) :]


def _order(values: Sequence[Any]) -> Callable[[int], Any]:
    return (lambda number: values[number]) if _is_numeric(values) else (lambda number: str(values[number]))


def _is_numeric(values: Sequence[object]) -> bool:
    return all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)


def _ask(stage: Stage, chosen: Sequence[int]) -> None:
    """Ask about these rows, over and over until a window has enough, and keep the labels of each row once."""
    deployment = stage.platform.endpoints.deployment(stage.endpoint, stage.environment)
    size = min(_BATCH, deployment.settings.max_batch_rows)
    numbers = list(itertools.islice(itertools.cycle(chosen), max(_LEAST_ROWS, len(chosen))))
    for batch in (numbers[start : start + size] for start in range(0, len(numbers), size)):
        answer = stage.platform.endpoints.predict(deployment, [stage.rows[number] for number in batch])
        if len(stage.labels) < len(chosen):
            stage.labels += [
                Label(request_id=str(answer["request_id"]), row=row, value=stage.truths[number])
                for row, number in enumerate(batch)
            ][: len(chosen) - len(stage.labels)]


def _looked(stage: Stage) -> Sequence[str]:
    """The features that drifted in the window that has just ended, as groundplan monitor run finds them."""
    watch = watched(stage.session, stage.endpoint, stage.environment)
    time.sleep(watch.plan.window_seconds - time.time() % watch.plan.window_seconds)
    reports = watch.looking.look(clock.now(), serving=watch.serving)
    return [name for one in reports if one.version == stage.serving() for name in monitoring.drifted(one)]
