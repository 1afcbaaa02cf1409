"""The gate: evidence held against a rubric, one check for each demand; what was not measured never passes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from ..core import clock
from ..core.errors import GateFailedError, Problem
from .contract.evidence import Check, Comparison, DisturbanceValue, Evidence, FairnessValue, SliceValue, Verdict
from .contract.model import ModelVersion
from .contract.rubric import Bounds, ChampionRule, DisturbanceRule, FairnessRule, Rubric, SliceRule

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Evidence may seem to be from the future by this much, as clocks are put right."""


def judge(
    evidence: Evidence,
    rubric: Rubric,
    *,
    now: datetime,
    model_digest: str,
    comparison: Comparison | None,
    champion: ModelVersion | None,
) -> Verdict:
    """Hold evidence against an environment's rubric.

    ``model_digest`` is that of the model that is to pass; ``champion`` the version it would replace, and
    ``comparison`` how the two compare, each None where there is none.
    """
    return Verdict(
        environment=rubric.environment,
        checks=(
            _match(evidence, model_digest),
            _freshness(evidence, rubric, now),
            *(_metric(evidence, name, bounds) for name, bounds in rubric.metrics.items()),
            *(check for rule in rubric.slices for check in _slices(evidence, rule)),
            *(_fairness(evidence, rule) for rule in rubric.fairness),
            *(_disturbance(evidence, rule, rubric.seed) for rule in rubric.disturbances),
            *_champion(rubric.champion, comparison, champion, model_digest),
        ),
    )


def require(verdict: Verdict) -> None:
    """Raise GateFailedError that lists each failed check, unless the verdict passed."""
    failures = verdict.failures
    if not failures:
        return
    problems = [Problem(message=describe(check)) for check in failures]
    counted = "1 check failed" if len(failures) == 1 else f"{len(failures)} checks failed"
    raise GateFailedError(
        f"the gate of '{verdict.environment}' is not passed: {counted}: "
        + "; ".join(problem.message for problem in problems),
        hint="Improve the model or the data and run again, or change the rubric (evaluation) in groundplan.yaml.",
        problems=problems,
    )


def describe(check: Check) -> str:
    """A check in one line, such as ``roc_auc: found 0.87, expected at least 0.9``."""
    line = f"{check.name}: found {check.found}, expected {check.expected}"
    return f"{line} ({check.reason})" if check.reason else line


def _match(evidence: Evidence, model_digest: str) -> Check:
    same = evidence.model_digest == model_digest
    return Check(
        name="match",
        expected=f"evidence of {model_digest}",
        found=evidence.model_digest,
        passed=same,
        reason="" if same else "the evidence is of another model, or the model was changed after its evaluation",
    )


def _freshness(evidence: Evidence, rubric: Rubric, now: datetime) -> Check:
    expected = f"made within {_span(rubric.max_age_seconds)}"
    try:
        age = now - clock.from_text(evidence.made)
    except ValueError:
        return Check(name="freshness", expected=expected, found=repr(evidence.made), passed=False, reason="no time")
    if age < -CLOCK_TOLERANCE:
        reason = "the evidence is from the future: a clock is wrong"
    elif age > timedelta(seconds=rubric.max_age_seconds):
        reason = "the evidence is too old; evaluate the model anew"
    else:
        reason = ""
    return Check(name="freshness", expected=expected, found=f"made {evidence.made}", passed=not reason, reason=reason)


def _metric(evidence: Evidence, name: str, bounds: Bounds) -> Check:
    return _bounded(name, bounds, evidence.metrics.get(name), reason=_note(evidence, name))


def _slices(evidence: Evidence, rule: SliceRule) -> Iterator[Check]:
    found = {
        entry.value: entry for entry in evidence.slices if (entry.column, entry.metric) == (rule.column, rule.metric)
    }
    names = sorted(found) if rule.values is None else [str(value) for value in rule.values]
    if not names:
        yield _bounded(f"{rule.metric} by {rule.column}", rule.bounds, None, reason="no slice was measured")
    for name in names:
        yield _slice(found.get(name), rule, f"{rule.metric} where {rule.column} = {name}")


def _slice(entry: SliceValue | None, rule: SliceRule, name: str) -> Check:
    if entry is None:
        return _bounded(name, rule.bounds, None)
    if entry.rows < rule.min_rows:
        few = f"{entry.rows} rows, judged from {rule.min_rows} on"
        return Check(name=name, expected=_range(rule.bounds), found=_text(entry.measured), passed=None, reason=few)
    return _bounded(name, rule.bounds, entry.measured, reason=entry.reason)


def _fairness(evidence: Evidence, rule: FairnessRule) -> Check:
    name = f"{rule.metric} by {rule.column}"
    wanted = (rule.column, rule.metric, rule.min_rows)
    entry: FairnessValue | None = next(
        (one for one in evidence.fairness if (one.column, one.metric, one.min_rows) == wanted), None
    )
    if entry is None:
        return _bounded(name, rule.bounds, None)
    judged = [group for group, rows in entry.groups.items() if rows >= rule.min_rows]
    if len(judged) < 2:
        few = f"fewer than two groups have {rule.min_rows} rows"
        return Check(name=name, expected=_range(rule.bounds), found=_text(None), passed=None, reason=few)
    return _bounded(name, rule.bounds, entry.measured, reason=entry.reason)


def _disturbance(evidence: Evidence, rule: DisturbanceRule, seed: int) -> Check:
    wanted = (rule.kind, rule.metric, rule.amount, seed)
    entry: DisturbanceValue | None = next(
        (one for one in evidence.disturbances if (one.kind, one.metric, one.amount, one.seed) == wanted), None
    )
    disturbance = "noise" if rule.kind == "noise" else "missing values"
    return _bounded(
        f"drop of {rule.metric} under {disturbance} ({rule.amount:g})",
        Bounds(max=rule.max_drop),
        None if entry is None else entry.drop,
        reason="" if entry is None else entry.reason,
    )


def _champion(
    rule: ChampionRule | None, comparison: Comparison | None, champion: ModelVersion | None, model_digest: str
) -> Iterator[Check]:
    if rule is None:
        return
    expected = f"better by at least {rule.margin:g} with confidence {rule.confidence:g}"
    if champion is None:
        yield Check(name="champion", expected=expected, found="no champion", passed=None, reason="nothing is replaced")
    elif champion.digest == model_digest:
        yield Check(name="champion", expected=expected, found="the same model", passed=None, reason="nothing changes")
    elif comparison is None:
        yield Check(name="champion", expected=expected, found=_text(None), passed=False, reason="it was not compared")
    else:
        reason = _mismatch(rule, comparison, champion)
        passed = not reason and _is_within(comparison.lower, Bounds(min=rule.margin))
        found = (
            f"{comparison.metric} better by {_text(comparison.difference)}, at least {_text(comparison.lower)}"
            f" (version {comparison.champion_version}: {_text(comparison.champion)})"
        )
        yield Check(name="champion", expected=expected, found=found, passed=passed, reason=reason)


def _mismatch(rule: ChampionRule, comparison: Comparison, champion: ModelVersion) -> str:
    if comparison.champion_digest != champion.digest:
        return "it was compared with another model"
    if rule.metric is not None and comparison.metric != rule.metric:
        return f"it was compared by {comparison.metric}, not by {rule.metric}"
    if comparison.confidence < rule.confidence or comparison.resamples < rule.resamples:
        return "it was compared with less confidence or fewer draws"
    return ""


def _bounded(name: str, bounds: Bounds, value: float | None, *, reason: str = "") -> Check:
    if value is None:
        return Check(name=name, expected=_range(bounds), found=_text(None), passed=False, reason=reason)
    passed = _is_within(value, bounds)
    found = _text(value)
    if _is_within(float(found), bounds) != passed:  # rounded to the other side of a bound
        found = repr(value)
    return Check(name=name, expected=_range(bounds), found=found, passed=passed)


def _is_within(value: float, bounds: Bounds) -> bool:
    """Whether a value is finite and within bounds; a bound itself is within."""
    if not math.isfinite(value):
        return False
    return (bounds.min is None or value >= bounds.min) and (bounds.max is None or value <= bounds.max)


def _note(evidence: Evidence, metric: str) -> str:
    start = f"{metric}: "
    return next((note.removeprefix(start) for note in evidence.notes if note.startswith(start)), "")


def _range(bounds: Bounds) -> str:
    parts = [
        f"at least {bounds.min}" if bounds.min is not None else "",
        f"at most {bounds.max}" if bounds.max is not None else "",
    ]
    return " and ".join(part for part in parts if part)


def _text(value: float | None) -> str:
    return "nothing measured" if value is None else f"{value:.6g}"


def _span(seconds: int) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
