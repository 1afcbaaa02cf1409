"""The A/B test: a group-sequential test whose bounds spend the chance of a false winner look by look.

The spending function is Lan and DeMets' of O'Brien and Fleming's kind (Biometrika 70 (1983) 659-663; Biometrics 35
(1979) 549-556). The bounds come from it by the recursive integration of Armitage, McPherson and Rowe (Journal of the
Royal Statistical Society A 132 (1969) 235-244). docs/rollouts.md states the stopping rule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from ..core import extras
from .contract.rollout import Experiment, Look
from .contract.rubric import HIGHER_IS_BETTER
from .contract.traffic import Observation

ExperimentVerdict = Literal["go on", "winner", "loser", "no winner"]

_NODES = 160
_REACH = 9.0
"""Where a standard normal density counts as nothing."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What the test says now; ``look`` is the look that was just made, None when it is not time for one."""

    verdict: ExperimentVerdict
    reason: str
    look: Look | None = None


def examine(
    experiment: Experiment, looks: Sequence[Look], challenger: Observation, champion: Observation, *, when: str
) -> Examination:
    """The next look when there is enough for one, held against its bound. ``looks`` are those made before.

    What a look has decided stays decided.
    """
    if looks and (last := _judged(experiment, len(looks), looks[-1])).verdict != "go on":
        return replace(last, look=None)
    samples, others = challenger.labelled, champion.labelled
    before = min(looks[-1].samples, looks[-1].champion_samples) if looks else 0
    wanted = before + experiment.min_samples
    if min(samples, others) < wanted:
        reason = f"look {len(looks) + 1} of {experiment.looks} needs {wanted} labelled requests of each version: "
        return Examination(verdict="go on", reason=f"{reason}{samples} of the new one, {others} of the one before")
    missing = _missing(experiment.metric, challenger, champion)
    if missing:
        return Examination(verdict="go on", reason=missing)
    look = _look(experiment, looks, challenger, champion, when=when)
    return _judged(experiment, len(looks) + 1, look)


def bounds(fractions: Sequence[float], information: Sequence[float], alpha: float) -> list[float]:
    """The one-sided bounds of each look, for z statistics.

    ``fractions`` of the planned samples say how much of ``alpha`` is spent by each look, ``information`` how the looks
    depend on each other; both grow. A look that adds no information has an infinite bound.
    """
    return list(_bounds(tuple(fractions), tuple(information), alpha))


def spent(fraction: float, alpha: float) -> float:
    """How much of ``alpha`` is spent when this fraction of the planned samples is there."""
    norm = extras.load("scipy.stats").norm
    return float(2 * norm.sf(norm.isf(alpha / 2) / math.sqrt(min(1.0, fraction)))) if fraction > 0 else 0.0


def standard_error(metric: str, challenger: Observation, champion: Observation) -> float | None:
    """Of the difference between two versions; None where it is not known.

    For the share of right answers it is binomial at the share of both together, as under the hypothesis that they are
    equally good: with each version's own share a small group that is lucky would also look sure of it, and win too
    often. For every other metric it is made of what was measured for each version.
    """
    both = (challenger, champion)
    if metric == "accuracy":
        labelled = sum(one.labelled for one in both)
        share = sum(one.metrics[metric] * one.labelled for one in both) / labelled
        return math.sqrt(max(0.0, share * (1 - share)) * sum(1 / one.labelled for one in both))
    errors = [one.standard_errors.get(metric) for one in both]
    return None if None in errors else math.hypot(*(error or 0.0 for error in errors))


def _missing(metric: str, challenger: Observation, champion: Observation) -> str:
    for one in (challenger, champion):
        value = one.metrics.get(metric)
        if value is None or not math.isfinite(value):
            return f"{metric} of version {one.version} was not measured"
    error = standard_error(metric, challenger, champion)
    unknown = error is None or not math.isfinite(error)
    return f"how sure {metric} is was not measured" if unknown else ""


def _look(
    experiment: Experiment, looks: Sequence[Look], challenger: Observation, champion: Observation, *, when: str
) -> Look:
    metric = experiment.metric
    sign = 1.0 if HIGHER_IS_BETTER.get(metric, True) else -1.0
    difference = sign * (challenger.metrics[metric] - champion.metrics[metric])
    error = standard_error(metric, challenger, champion) or 0.0
    fraction = min(1.0, min(challenger.labelled, champion.labelled) / (experiment.looks * experiment.min_samples))
    look = Look(
        when=when, samples=challenger.labelled, champion_samples=champion.labelled, fraction=fraction,
        information=1 / (1 / challenger.labelled + 1 / champion.labelled), difference=difference,
        z=_z(difference - experiment.min_effect, error), z_worse=_z(difference, error), bound=math.inf,
    )  # fmt: skip
    every = [*looks, look]
    limits = bounds([one.fraction for one in every], [one.information for one in every], experiment.alpha)
    return replace(look, bound=limits[-1])


def _z(difference: float, error: float) -> float:
    """Without any spread among the answers every difference is certain; none at all says nothing."""
    if error > 0:
        return difference / error
    return math.copysign(_REACH, difference) if difference else 0.0


def _judged(experiment: Experiment, number: int, look: Look) -> Examination:
    said = (
        f"look {number} of {experiment.looks}: {experiment.metric} is better by {look.difference:.4g}, "
        f"z = {look.z:.2f} against the bound {look.bound:.2f}"
    )
    if look.z >= look.bound:
        return Examination(verdict="winner", reason=f"{said}: the new version wins", look=look)
    if look.z_worse <= -look.bound:
        return Examination(verdict="loser", reason=f"{said}: the new version is worse", look=look)
    if look.fraction >= 1:
        return Examination(verdict="no winner", reason=f"{said}: it was the last look, without a winner", look=look)
    return Examination(verdict="go on", reason=f"{said}: not decided yet", look=look)


@lru_cache(maxsize=256)
def _bounds(fractions: tuple[float, ...], information: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """The score process on its own time scale, a Brownian motion: what has not crossed is carried from look to look."""
    numpy, norm = extras.load("numpy"), extras.load("scipy.stats").norm
    found: list[float] = []
    times = [one / information[-1] for one in information]
    points, weights = numpy.zeros(1), numpy.ones(1)  # the process starts at 0
    before, already = 0.0, 0.0
    for time, fraction in zip(times, fractions, strict=True):
        spend, step = max(0.0, spent(fraction, alpha) - already), time - before
        if step <= 0 or spend <= 0:
            found.append(math.inf)
            continue
        scale = math.sqrt(step)
        limit = _solved(points, weights, scale, spend, norm)
        found.append(limit / math.sqrt(time))
        nodes, lengths = _nodes(-_REACH * math.sqrt(time), limit)
        density = norm.pdf((nodes[:, None] - points[None, :]) / scale) / scale
        points, weights = nodes, lengths * (density @ weights)
        before, already = time, already + spend
    return tuple(found)


def _solved(points: Any, weights: Any, scale: float, spend: float, norm: Any) -> float:
    """The limit that what is still under way crosses with the probability ``spend``."""
    top = float(points.max()) + _REACH * scale

    def excess(limit: float) -> float:
        return float((weights * norm.sf((limit - points) / scale)).sum()) - spend

    return top if excess(top) >= 0 else float(extras.load("scipy.optimize").brentq(excess, -top, top, xtol=1e-10))


def _nodes(low: float, high: float) -> tuple[Any, Any]:
    nodes, weights = _gauss()
    return low + (high - low) * (nodes + 1) / 2, weights * (high - low) / 2


@lru_cache(maxsize=1)
def _gauss() -> tuple[Any, Any]:
    return extras.load("numpy.polynomial.legendre").leggauss(_NODES)
