"""When a model is trained again: each trigger, each limit, and what holds whatever the facts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.lifecycle.contract.monitoring import MonitorCheck, MonitorReport, Window
from groundplan.lifecycle.contract.retraining import RetrainingDecision, RetrainingPlan, Situation
from groundplan.lifecycle.retraining import BY_WEIGHT, decide, due
from hypothesis import given
from hypothesis import strategies as st

UNTIL = "2026-11-27T12:00:00.000Z"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
QUIET = Situation(model="churn", environment="prod", version=3, trained=NOW - 10 * DAY)
EVERYTHING = RetrainingPlan(schedule="0 3 * * 1", on_drift=True, on_performance=True, new_rows=100)


def before(ago: timedelta, **values: Any) -> RetrainingDecision:
    """A retraining that was decided some time ago."""
    given: dict[str, Any] = {"decision": "retrain", "trigger": "drift", "reasons": {}, **values}
    return RetrainingDecision(when=clock.to_text(NOW - ago), model="churn", environment="prod", **given)


def report(
    *alerts: str, ago: timedelta = DAY, version: int = 3, checks: tuple[MonitorCheck, ...] = ()
) -> MonitorReport:
    window = Window(start=clock.to_text(NOW - ago - DAY), end=clock.to_text(NOW - ago))
    return MonitorReport(endpoint="churn", environment="prod", model="churn", version=version, window=window, rows=900,
                         labelled=40, checks=checks, alerts=alerts)  # fmt: skip


def cost(verdict: Any, detail: str = "") -> MonitorCheck:
    return MonitorCheck(area="cost", subject="month", statistic="sum", value=9.0, threshold=8.0, verdict=verdict,
                        detail=detail)  # fmt: skip


def test_nothing_is_asked_and_nothing_is_done_with_a_reason_for_each_trigger() -> None:
    assert decide(RetrainingPlan(), QUIET, NOW) == RetrainingDecision(
        when="2026-11-28T12:00:00.000Z", model="churn", environment="prod", decision="no", trigger=None,
        reasons={
            "manual": "nobody asks for it",
            **dict.fromkeys(("performance", "drift", "volume", "schedule"), "the config does not ask for it"),
        },
    )  # fmt: skip


def test_what_a_clouds_own_monitor_says_trains_nothing_again() -> None:
    theirs = [
        replace(cost("alert"), area=area, source="vertex")
        for area in ("drift", "prediction", "performance", "concept", "cost")
    ]
    said = report(*(check.key for check in theirs), checks=tuple(theirs))

    plan = RetrainingPlan(on_drift=True, on_performance=True)

    decided = decide(plan, replace(QUIET, reports=(said,)), NOW)
    asked = decide(plan, replace(QUIET, reports=(said,), asked="a person"), NOW)

    assert (decided.decision, decided.fired) == ("no", ())
    assert (asked.decision, asked.obstacle) == ("retrain", "")


@pytest.mark.parametrize(
    ("trigger", "situation", "plan", "reason"),
    [
        ("manual", replace(QUIET, asked="new prices"), RetrainingPlan(), "new prices"),
        ("drift", replace(QUIET, reports=(report("drift/age/psi", "service/predict/latency"),)), EVERYTHING,
         "the data has drifted in the window until 2026-11-27T12:00:00.000Z: drift/age/psi"),
        ("drift", replace(QUIET, reports=(report("prediction/churned/psi"),)), EVERYTHING,
         "the data has drifted in the window until 2026-11-27T12:00:00.000Z: prediction/churned/psi"),
        ("performance", replace(QUIET, reports=(report("performance/roc_auc/value"),)), EVERYTHING,
         f"the labels say otherwise than the evidence in the window until {UNTIL}: performance/roc_auc/value"),
        ("volume", replace(QUIET, labelled=100), EVERYTHING, "100 labelled rows since the last training, of 100"),
        ("schedule", QUIET, EVERYTHING, "due since 2026-11-23T03:00:00.000Z (0 3 * * 1)"),
    ],
)  # fmt: skip
def test_a_trigger_fires_and_says_why(trigger: Any, situation: Situation, plan: RetrainingPlan, reason: str) -> None:
    found = decide(plan, situation, NOW)

    assert (found.decision, trigger in found.fired, found.reasons[trigger]) == ("retrain", True, reason)


@pytest.mark.parametrize(
    ("trigger", "situation", "reason"),
    [
        ("drift", QUIET, "no monitor has looked at version 3 yet"),
        ("drift", replace(QUIET, reports=(report("drift/age/psi", version=2),)),
         "no monitor has looked at version 3 yet"),
        ("drift", replace(QUIET, reports=(report("drift/age/psi", ago=2 * DAY), report())),
         "no alert in the window until 2026-11-27T12:00:00.000Z, 900 rows, 40 of them labelled"),
        ("drift", replace(QUIET, reports=(report("drift/age/psi", ago=2 * DAY),), decisions=(before(DAY),)),
         "nothing new since the retraining of 2026-11-27T12:00:00.000Z"),
        ("volume", QUIET, "no labels are collected: no endpoint logs its inputs"),
        ("volume", replace(QUIET, labelled=99), "99 labelled rows since the last training, of 100"),
        ("schedule", replace(QUIET, trained=NOW - DAY), "next at 2026-11-30T03:00:00.000Z (0 3 * * 1)"),
        ("schedule", replace(QUIET, decisions=(before(DAY),)), "next at 2026-11-30T03:00:00.000Z (0 3 * * 1)"),
        ("schedule", replace(QUIET, trained=None), "no version was ever trained; groundplan run makes the first one"),
        ("schedule", replace(QUIET, trained=NOW + DAY),
         "the clock is 24 h 00 min behind the last training: not judged"),
    ],
)  # fmt: skip
def test_a_trigger_does_not_fire_and_says_why(trigger: Any, situation: Situation, reason: str) -> None:
    found = decide(EVERYTHING, situation, NOW)

    assert (trigger in found.fired, found.reasons[trigger]) == (False, reason)


@pytest.mark.parametrize(
    ("minutes", "fired", "reason"),
    [
        (14, False, ": the cloud starts it, which is looked at from 2026-11-30T03:15:00.000Z on"),
        (15, True, ""),
    ],
)
def test_a_schedule_that_the_cloud_answers_itself_is_given_the_time_for_it(
    minutes: int, fired: bool, reason: str
) -> None:
    monday = datetime(2026, 11, 30, 3, minutes, tzinfo=UTC)
    plan = replace(EVERYTHING, late_seconds=900.0)
    found = decide(plan, replace(QUIET, trained=NOW), monday)

    said = f"due since 2026-11-30T03:00:00.000Z{reason} (0 3 * * 1)"
    assert ("schedule" in found.fired, found.reasons["schedule"]) == (fired, said)
    assert due(plan, monday) == datetime(2026, 11, 30 if fired else 23, 3, tzinfo=UTC)


def test_a_schedule_that_never_fires_is_told_in_the_decision() -> None:
    found = decide(RetrainingPlan(schedule="0 3 31 2 *"), QUIET, NOW)

    assert (found.decision, found.reasons["schedule"]) == (
        "no", "'0 3 31 2 *' never fires: month 2 has no day 31",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("situation", "plan", "obstacle"),
    [
        (replace(QUIET, under_way="run 7 goes on"), EVERYTHING, "run 7 goes on"),
        (replace(QUIET, decisions=(before(DAY / 2),), labelled=500), EVERYTHING,
         "cool-down: 12 h 00 min of 24 h 00 min since the last retraining"),
        (replace(QUIET, decisions=(before(-DAY),), labelled=500), EVERYTHING,
         "the clock is 24 h 00 min behind the last retraining: no cool-down can be measured"),
        (replace(QUIET, decisions=(before(9 * DAY), before(2 * DAY)), labelled=500),
         replace(EVERYTHING, max_runs_per_month=2), "2 retrainings in 2026-11; the config takes 2 a month"),
        (replace(QUIET, reports=(report(checks=(cost("alert", "9.00 of 8.00 EUR"),)),)), EVERYTHING,
         "the budget is spent: 9.00 of 8.00 EUR"),
        (replace(QUIET, under_way="run 7 goes on", asked=""), replace(EVERYTHING, max_runs_per_month=0),
         "run 7 goes on; 0 retrainings in 2026-11; the config takes 0 a month"),
    ],
)  # fmt: skip
def test_what_stands_against_a_retraining_makes_it_not_now(
    situation: Situation, plan: RetrainingPlan, obstacle: str
) -> None:
    found = decide(plan, situation, NOW)

    assert (found.decision, found.obstacle) == ("not now", obstacle)


def test_limits_that_are_kept_stand_against_nothing() -> None:
    old = (before(40 * DAY), before(2 * DAY, decision="no", trigger=None), before(3 * DAY, decision="not now"))
    reports = (report(ago=3 * DAY, checks=(cost("alert"),)), report(checks=(cost("ok"),)))
    situation = replace(QUIET, decisions=old, reports=reports)

    assert decide(replace(EVERYTHING, max_runs_per_month=1), situation, NOW).decision == "retrain"


def test_a_person_need_not_wait_for_the_cool_down() -> None:
    situation = replace(QUIET, decisions=(before(timedelta(minutes=1)),), asked="a wrong label was found")
    found = decide(EVERYTHING, situation, NOW)

    assert (found.decision, found.trigger) == ("retrain", "manual")


plans = st.builds(
    RetrainingPlan,
    schedule=st.sampled_from(["", "0 3 * * 1", "* * * * *", "0 0 31 2 *", "nonsense"]),
    on_drift=st.booleans(),
    on_performance=st.booleans(),
    new_rows=st.integers(0, 200),
    cool_down_seconds=st.floats(0, 1e6),
    max_runs_per_month=st.none() | st.integers(0, 3),
)
spans = st.integers(-60 * 24 * 60, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
reports = st.builds(
    report,
    st.sampled_from(["drift/age/psi", "prediction/churned/psi", "performance/roc_auc/value", "quality/age/missing"]),
    ago=spans,
    version=st.sampled_from([2, 3]),
)
situations = st.builds(
    Situation,
    model=st.just("churn"),
    environment=st.just("prod"),
    version=st.none() | st.just(3),
    trained=st.none() | spans.map(lambda span: NOW - span),
    decisions=st.lists(st.builds(before, spans, decision=st.sampled_from(["retrain", "no", "not now"])), max_size=5),
    reports=st.lists(reports, max_size=4),
    labelled=st.none() | st.integers(0, 300),
    under_way=st.sampled_from(["", "a rollout is under way"]),
    asked=st.none() | st.just("because"),
)


@given(plans, situations)
def test_every_decision_gives_a_reason_for_every_trigger_and_keeps_every_limit(
    plan: RetrainingPlan, situation: Situation
) -> None:
    found = decide(plan, situation, NOW)
    runs = [one for one in situation.decisions if one.decision == "retrain"]

    assert set(found.reasons) == set(BY_WEIGHT)
    assert all(found.reasons.values())
    assert (found.decision == "no") == (found.trigger is None) == (not found.fired)
    assert (found.decision == "not now") == bool(found.obstacle)
    if found.decision == "retrain":
        assert not situation.under_way
        assert "manual" in found.fired or all(
            NOW - clock.from_text(one.when) >= timedelta(seconds=plan.cool_down_seconds) for one in runs
        )
        assert plan.max_runs_per_month is None or plan.max_runs_per_month > sum(
            one.when.startswith("2026-11") for one in runs
        )


@given(plans, st.lists(st.integers(-60, 60 * 48), min_size=1, max_size=60))
def test_looked_at_again_and_again_it_never_trains_more_often_than_the_config_says(
    plan: RetrainingPlan, minutes: list[int]
) -> None:
    now, decisions = NOW, list[RetrainingDecision]()
    for step in minutes:
        now += timedelta(minutes=step)
        situation = replace(
            QUIET, decisions=tuple(decisions), labelled=200, reports=(report("drift/age/psi", ago=-60 * DAY),)
        )
        decisions.append(decide(plan, situation, now))

    times = [clock.from_text(one.when) for one in decisions if one.decision == "retrain"]
    assert all(
        (later - earlier).total_seconds() >= plan.cool_down_seconds - 0.001 for earlier, later in pairwise(times)
    )
    if plan.max_runs_per_month is not None:
        months = [f"{time:%Y-%m}" for time in times]
        assert all(months.count(month) <= plan.max_runs_per_month for month in months)


@given(st.integers(0, 60 * 24 * 20))
def test_a_firing_of_the_schedule_is_answered_once(minutes: int) -> None:
    plan = RetrainingPlan(schedule="0 3 * * 1", cool_down_seconds=0)
    now = NOW + timedelta(minutes=minutes)
    first = decide(plan, QUIET, now)
    again = decide(plan, replace(QUIET, decisions=(first,)), now + timedelta(seconds=1))

    assert (first.decision, again.decision) == ("retrain", "no")
