"""Decides whether a model is trained again: each trigger with its reason, then what stands against it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..core import clock, cron
from .contract.monitoring import Area, MonitorReport
from .contract.retraining import Decision, RetrainingDecision, RetrainingPlan, Situation, Trigger

BY_WEIGHT: tuple[Trigger, ...] = ("manual", "performance", "drift", "volume", "schedule")
"""Where several triggers fire, the first of these is the one that counts."""

_FAR_DAYS = 3660


@dataclass(frozen=True, kw_only=True)
class _Answer:
    fired: bool
    reason: str


def decide(plan: RetrainingPlan, situation: Situation, now: datetime) -> RetrainingDecision:
    """Look at every trigger, then at what stands against a retraining now; nothing is done yet."""
    answers: dict[Trigger, _Answer] = {
        "manual": _manual(situation),
        "performance": _reported(
            plan.on_performance,
            situation,
            ("performance", "concept"),
            "the labels say otherwise than the evidence",
        ),
        "drift": _reported(plan.on_drift, situation, ("drift", "prediction"), "the data has drifted"),
        "volume": _volume(plan, situation),
        "schedule": _schedule(plan, situation, now),
    }
    fired: tuple[Trigger, ...] = tuple(name for name in BY_WEIGHT if answers[name].fired)
    obstacle = _obstacle(plan, situation, now, by_hand="manual" in fired) if fired else ""
    decision: Decision = "no" if not fired else "not now" if obstacle else "retrain"
    return RetrainingDecision(
        when=clock.to_text(now),
        model=situation.model,
        environment=situation.environment,
        decision=decision,
        trigger=fired[0] if fired else None,
        reasons={name: answers[name].reason for name in BY_WEIGHT},
        fired=fired,
        obstacle=obstacle,
    )


def due(plan: RetrainingPlan, now: datetime) -> datetime | None:
    """The last moment of the schedule that is answered now: that long ago the platform itself had to begin a run."""
    until = _until(plan, now)
    return cron.parse(plan.schedule).latest(after=until - timedelta(days=_FAR_DAYS), until=until)


def _until(plan: RetrainingPlan, now: datetime) -> datetime:
    """Moments of the schedule after this one are not judged yet."""
    return now.astimezone(UTC) - timedelta(seconds=plan.late_seconds or 0)


def last_retraining(situation: Situation) -> datetime | None:
    """When it was last decided to train this model, whatever became of it."""
    times = [clock.from_text(one.when) for one in situation.decisions if one.decision == "retrain"]
    return max(times, default=None)


def _manual(situation: Situation) -> _Answer:
    if situation.asked is None:
        return _Answer(fired=False, reason="nobody asks for it")
    return _Answer(fired=True, reason=situation.asked or "a person asks for it")


def _reported(wanted: bool, situation: Situation, areas: tuple[Area, ...], what: str) -> _Answer:
    """Whether the newest report on the version that serves alerts in one of these areas."""
    if not wanted:
        return _Answer(fired=False, reason="the config does not ask for it")
    reports = [one for one in situation.reports if one.version == situation.version]
    if not reports:
        return _Answer(fired=False, reason=f"no monitor has looked at version {situation.version or '-'} yet")
    newest = max(reports, key=lambda one: clock.from_text(one.window.end))
    since = last_retraining(situation)
    if since is not None and clock.from_text(newest.window.end) <= since:
        return _Answer(fired=False, reason=f"nothing new since the retraining of {clock.to_text(since)}")
    found = alerting(newest, areas)
    until = f"in the window until {newest.window.end}"
    if not found:
        return _Answer(fired=False, reason=f"no alert {until}, {newest.rows} rows, {newest.labelled} of them labelled")
    return _Answer(fired=True, reason=f"{what} {until}: {', '.join(found)}")


def alerting(report: MonitorReport, areas: tuple[Area, ...]) -> list[str]:
    """The report's alerts in these areas; those of a cloud's own monitor begin with its name and are in none."""
    return [one for one in report.alerts if one.partition("/")[0] in areas]


def _volume(plan: RetrainingPlan, situation: Situation) -> _Answer:
    if not plan.new_rows:
        return _Answer(fired=False, reason="the config does not ask for it")
    if situation.labelled is None:
        return _Answer(fired=False, reason="no labels are collected: no endpoint logs its inputs")
    return _Answer(
        fired=situation.labelled >= plan.new_rows,
        reason=f"{situation.labelled} labelled rows since the last training, of {plan.new_rows}",
    )


def _schedule(plan: RetrainingPlan, situation: Situation, now: datetime) -> _Answer:
    if not plan.schedule:
        return _Answer(fired=False, reason="the config does not ask for it")
    if (problem := cron.problem_with(plan.schedule)) is not None:
        return _Answer(fired=False, reason=f"{plan.schedule!r} never fires: {problem}")
    since = max((one for one in (situation.trained, last_retraining(situation)) if one is not None), default=None)
    if since is None:
        return _Answer(fired=False, reason="no version was ever trained; groundplan run makes the first one")
    if since > now:
        behind = clock.duration((since - now).total_seconds())
        return _Answer(fired=False, reason=f"the clock is {behind} behind the last training: not judged")
    times = cron.parse(plan.schedule)
    last = times.latest(after=since, until=_until(plan, now))
    if last is not None:
        return _Answer(fired=True, reason=f"due since {clock.to_text(last)} ({plan.schedule})")
    last = times.latest(after=since, until=now.astimezone(UTC))
    if last is not None:
        looked_at = clock.to_text(last + timedelta(seconds=plan.late_seconds or 0))
        why = f"due since {clock.to_text(last)}: the cloud starts it, which is looked at from {looked_at} on"
        return _Answer(fired=False, reason=f"{why} ({plan.schedule})")
    following = times.next(now.astimezone(UTC))
    when = "never again" if following is None else f"next at {clock.to_text(following)}"
    return _Answer(fired=False, reason=f"{when} ({plan.schedule})")


def _obstacle(plan: RetrainingPlan, situation: Situation, now: datetime, *, by_hand: bool) -> str:
    """What stands against a retraining now, all of it; a person who asks need not wait for the cool-down."""
    found = [
        situation.under_way,
        "" if by_hand else _cooling(plan, situation, now),
        _used_up(plan, situation, now),
        _over_budget(situation),
    ]
    return "; ".join(one for one in found if one)


def _cooling(plan: RetrainingPlan, situation: Situation, now: datetime) -> str:
    since = last_retraining(situation)
    if since is None:
        return ""
    passed = (now - since).total_seconds()
    if passed < 0:
        return f"the clock is {clock.duration(-passed)} behind the last retraining: no cool-down can be measured"
    if passed >= plan.cool_down_seconds:
        return ""
    return f"cool-down: {clock.duration(passed)} of {clock.duration(plan.cool_down_seconds)} since the last retraining"


def _used_up(plan: RetrainingPlan, situation: Situation, now: datetime) -> str:
    if plan.max_runs_per_month is None:
        return ""
    month = clock.to_text(now)[:7]
    runs = sum(one.decision == "retrain" and one.when.startswith(month) for one in situation.decisions)
    if runs < plan.max_runs_per_month:
        return ""
    return f"{runs} retrainings in {month}; the config takes {plan.max_runs_per_month} a month"


def _over_budget(situation: Situation) -> str:
    """The newest report that judged the cost says whether the month's budget is spent."""
    for report in sorted(situation.reports, key=lambda one: clock.from_text(one.window.end), reverse=True):
        judged = [check for check in report.own if check.area == "cost" and check.verdict in ("ok", "alert")]
        if judged:
            spent = [check.detail or check.subject for check in judged if check.verdict == "alert"]
            return f"the budget is spent: {', '.join(spent)}" if spent else ""
    return ""
