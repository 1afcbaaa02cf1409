"""Monitoring's decisions: windows in, checks and alerts out; no clock, no disk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from groundplan.core import clock
from groundplan.lifecycle import monitoring, profiles
from groundplan.lifecycle.contract.evidence import FairnessValue, SliceValue
from groundplan.lifecycle.contract.monitoring import MonitorCheck, MonitorReport, Performance, Window
from groundplan.lifecycle.contract.rubric import Bounds, FairnessRule
from groundplan.lifecycle.monitors.window import Column
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring_kit import HOUR, MADE, baseline, numbers, plan, texts, window

RANDOM = np.random.default_rng(3)
AGES = RANDOM.normal(40, 10, size=3000)
PLANS = ["basic"] * 2000 + ["gold"] * 1000
LEARNED = baseline({"age": AGES}, {"plan": PLANS})
CALM = {"age": numbers(AGES[::6]), "plan": texts(PLANS[::6])}


def verdicts(report: MonitorReport, area: str = "") -> dict[str, str]:
    return {check.key: check.verdict for check in report.checks if not area or check.area == area}


def found(columns: dict[str, Column], **values: Any) -> dict[str, str]:
    """The checks of a window that found something, with what they say."""
    report = monitoring.examine(plan(), LEARNED, window(columns, **values), made=MADE)
    return {check.key: check.detail for check in report.checks if check.verdict == "alert"}


def test_a_window_like_the_training_data_alerts_nobody() -> None:
    report = monitoring.examine(plan(), LEARNED, window(CALM, latencies_ms=np.full(500, 3.0)), made=MADE)

    assert (report.found, report.in_words) == (frozenset(), "no alert")
    assert verdicts(report) == {
        "quality/requests/refused": "ok",
        "quality/columns/schema": "ok",
        "quality/age/missing": "ok",
        "quality/age/type": "ok",
        "quality/age/range": "ok",
        "quality/plan/missing": "ok",
        "quality/plan/type": "ok",
        "quality/plan/unseen": "ok",
        "drift/age/psi": "ok",
        "drift/plan/psi": "ok",
        "prediction/predictions/psi": "not judged",
        "concept/truth/psi": "not judged",
        "service/latency/latency_p95_ms": "ok",
        "service/errors/error_rate": "ok",
        "volume/requests/requests": "not enough data",
        "cost/endpoint/busy_seconds": "not judged",
    }


@pytest.mark.parametrize(
    ("columns", "keys"),
    [
        ({"age": numbers(AGES[::6] + 40)}, {"drift/age/psi", "quality/age/range"}),
        ({"plan": texts(["basic"] * 100 + ["gold"] * 400)}, {"drift/plan/psi"}),
        ({"plan": texts(PLANS[::6][:-100] + ["platinum"] * 100)}, {"quality/plan/unseen", "drift/plan/psi"}),
        ({"age": Column(rows=500, empty=500)}, {"quality/age/missing"}),
        ({"age": Column(rows=500, absent=500)}, {"quality/age/missing", "quality/columns/schema"}),
        ({"age": Column(rows=500, wrong=500)}, {"quality/age/type"}),
    ],
    ids=["moved", "other shares", "new category", "all null", "vanished", "other type"],
)
def test_what_changed_is_found_by_the_check_that_is_for_it(columns: dict[str, Column], keys: set[str]) -> None:
    assert found({**CALM, **columns}).keys() == keys


def test_a_detail_says_in_words_what_changed() -> None:
    columns = {**CALM, "plan": texts(["basic"] * 400 + ["platinum"] * 100)}

    details = found(columns)

    assert details["quality/plan/unseen"] == (
        "100 of 500 rows hold a category that the training data has rarely or never: 'platinum' (100)"
    )
    assert details["drift/plan/psi"] == "gold: 0.0% now, 33.3% in the training data"


@pytest.mark.parametrize("rows", [0, 1, 99])
def test_too_few_rows_are_said_to_be_too_few_and_never_to_be_calm(rows: int) -> None:
    few = {"age": numbers(AGES[:rows] + 100), "plan": texts(["?"] * rows)}

    report = monitoring.examine(plan(), LEARNED, window(few, requests=rows), made=MADE)

    assert (report.found, report.in_words) == (frozenset(), "not enough data")
    data = {key: verdict for area in ("quality", "drift") for key, verdict in verdicts(report, area).items()}
    assert set(data.values()) - {"not enough data"} == ({"ok"} if rows else set())
    assert [key for key, verdict in data.items() if verdict == "ok"] == (["quality/columns/schema"] if rows else [])


def test_a_baseline_of_another_schema_is_loud_and_judges_nothing_else() -> None:
    other = baseline({"income": AGES})

    report = monitoring.examine(plan(), other, window(CALM, unknown=("age", "plan")), made=MADE)

    assert report.found == {"quality/columns/schema"}
    (schema,) = [check for check in report.checks if check.key in report.found]
    assert schema.detail == "vanished: income; not in the baseline, so nothing watches them: age, plan"


def test_without_a_baseline_the_service_is_judged_and_the_rest_is_said_not_to_be() -> None:
    report = monitoring.examine(plan(), None, window(CALM, failed=400), made=MADE)

    assert report.found == {"service/errors/error_rate"}
    assert report.notes == ("there is no baseline of this version: inputs and predictions are not judged",)


def test_a_redacted_column_is_not_judged_and_not_called_vanished() -> None:
    report = monitoring.examine(
        plan(), LEARNED, window({**CALM, "age": Column(rows=500, absent=500, redacted=True)}), made=MADE
    )

    assert (report.found, verdicts(report)["quality/age/missing"]) == (frozenset(), "not judged")
    assert "drift/age/psi" not in verdicts(report)


def test_rare_texts_of_the_training_data_are_nowhere_in_its_profile() -> None:
    profile = profiles.categorical("name", {"common": 50, "Ada Lovelace": 1, "Alan Turing": 4}, 60)

    assert dict(profile.categories) == {"common": 50 / 55}
    assert (profile.other, profile.missing) == (pytest.approx(5 / 55), pytest.approx(5 / 60))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_a_profile_counts_its_own_values_as_it_says(values: list[float], missing: int) -> None:
    profile = profiles.numeric("x", [*values, *[float("nan")] * missing])

    counts = profiles.counted(profile, np.array(values), {})

    assert (counts / counts.sum()).tolist() == pytest.approx(profile.shares)
    assert (len(profile.edges), len(profiles.labels(profile))) == (len(profile.shares) + 1, len(profile.shares))
    assert list(profile.edges) == sorted(profile.edges)
    assert profile.missing == pytest.approx(missing / (len(values) + missing))


def test_a_constant_feature_that_moves_is_found() -> None:
    learned = baseline({"constant": np.full(1000, 7.0)})

    for value in (6.0, 8.0):
        report = monitoring.examine(plan(), learned, window({"constant": numbers(np.full(500, value))}), made=MADE)
        assert "drift/constant/psi" in report.found


# -- windows and hysteresis -------------------------------------------------------------------------------------------


def test_windows_have_ended_are_next_to_each_other_and_do_not_depend_on_when_one_looks() -> None:
    moments = [clock.from_text(f"2026-03-01T11:{minute:02d}:00+00:00") for minute in (0, 1, 59)]

    assert [monitoring.windows(3600, now, 2) for now in moments] == [
        [Window(start="2026-03-01T09:00:00.000Z", end=HOUR.start), HOUR]
    ] * 3


def hour(number: int, *keys: str, empty: bool = False) -> MonitorReport:
    """The report of an hour in which these checks found something."""
    area_checks = [
        MonitorCheck(area="drift", subject=key, statistic="psi", value=1.0, threshold=0.2, verdict="alert")
        for key in keys
    ]
    calm = MonitorCheck(area="service", subject="errors", statistic="error_rate", value=0.0, threshold=0.1,
                        verdict="not enough data" if empty else "ok")  # fmt: skip
    start, end = (f"2026-03-01T{one:02d}:00:00.000Z" for one in (number, number + 1))
    return MonitorReport(
        endpoint="churn", environment="dev", model="churn", version=1, window=Window(start=start, end=end), rows=500,
        labelled=0, checks=(*area_checks, calm),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "alerts"),
    [
        ([], ()),
        ([hour(9, "age")], ("drift/age/psi",)),
        ([hour(8, "age"), hour(9)], ("drift/age/psi",)),
        ([hour(7, "age"), hour(8), hour(9)], ()),
        ([hour(8, "plan"), hour(9, "plan")], ()),
        ([hour(11, "age"), hour(12, "age")], ()),
    ],
    ids=["first", "twice in a row", "two of three", "too long ago", "another feature", "the clock was set back"],
)
def test_people_are_told_when_enough_of_the_last_windows_and_the_latest_found_it(
    before: list[MonitorReport], alerts: tuple[str, ...]
) -> None:
    assert monitoring.settle(plan(), hour(10, "age"), before).alerts == alerts


def test_what_is_over_alerts_nobody_whatever_was_before() -> None:
    assert monitoring.settle(plan(), hour(10), [hour(8, "age"), hour(9, "age")]).alerts == ()


def test_an_alert_says_since_when_across_windows_without_data() -> None:
    before = [hour(4, "age"), hour(5), hour(6, "age"), hour(7, empty=True), hour(8, "age"), hour(9, "age")]

    assert monitoring.settle(plan(), hour(10, "age"), before).since == {"drift/age/psi": "2026-03-01T06:00:00.000Z"}


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(1, 4), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_an_alert_needs_n_of_the_last_m_and_the_latest(found: list[bool], needed: int, more: int) -> None:
    found = found[:23]
    hours = [hour(number, *(["age"] if drifted else [])) for number, drifted in enumerate(found)]

    settled = monitoring.settle(plan(hysteresis=(needed, needed + more)), hours[-1], hours[:-1])

    assert bool(settled.alerts) == (found[-1] and sum(found[-(needed + more) :]) >= needed)


# -- performance, fairness, service ------------------------------------------------------------------------------------


def measured(value: float, rows: int = 200) -> Performance:
    return Performance(
        rows=rows, metrics={"f1": value, "log_loss": 0.3}, errors={"f1": 0.02},
        slices=(SliceValue(column="plan", value="gold", metric="f1", measured=value - 0.2, rows=rows),),
        fairness=(FairnessValue(column="sex", metric="demographic_parity_difference", measured=0.3,
                                groups={"f": 100, "m": 100}),),
    )  # fmt: skip


def test_a_metric_is_held_against_the_evidence_and_says_how_sure_it_is() -> None:
    learned = replace(LEARNED, metrics={"f1": 0.9, "log_loss": 0.3})
    rules = (FairnessRule(column="sex", metric="demographic_parity_difference", bounds=Bounds(max=0.2)),)

    report = monitoring.examine(
        plan(metrics={"f1": 0.05}, fairness=rules), learned, window(CALM, performance=measured(0.8)), made=MADE
    )

    checks = {check.key: check for check in report.checks}
    assert checks["performance/model/f1"].interval == pytest.approx((0.7608, 0.8392), abs=1e-4)
    assert {key: check.verdict for key, check in checks.items() if check.area in ("performance", "fairness")} == {
        "performance/model/f1": "alert",
        "performance/model/log_loss": "not judged",
        "performance/plan=gold/f1": "alert",
        "fairness/sex/demographic_parity_difference": "alert",
    }


def test_few_labels_are_not_enough_for_a_verdict() -> None:
    report = monitoring.examine(
        plan(metrics={"f1": 0.05}), replace(LEARNED, metrics={"f1": 0.9}), window(CALM, performance=measured(0.1, 99)),
        made=MADE,
    )  # fmt: skip

    assert verdicts(report, "performance") == {"performance/model/f1": "not enough data"}


@pytest.mark.parametrize(
    ("requests", "earlier", "verdict"),
    [(0, (1000, 1200), "alert"), (900, (1000, 1200), "ok"), (50_000, (1000,), "alert"), (0, (), "not enough data"),
     (0, (3, 5), "not enough data")],
)  # fmt: skip
def test_an_endpoint_that_nobody_asks_any_more_is_found(requests: int, earlier: tuple[int, ...], verdict: str) -> None:
    report = monitoring.examine(plan(), LEARNED, window({}, requests=requests, earlier=earlier), made=MADE)

    assert verdicts(report, "volume") == {"volume/requests/requests": verdict}


def test_requests_that_are_refused_are_found_though_they_leave_no_rows() -> None:
    report = monitoring.examine(plan(), LEARNED, window({}, requests=300, refused=290), made=MADE)

    assert report.found == {"quality/requests/refused"}


def test_a_slow_endpoint_is_found_and_its_cost_is_said_to_be_unknown() -> None:
    report = monitoring.examine(
        plan(monthly_budget=100.0), LEARNED, window({}, requests=100, latencies_ms=np.full(100, 900.0)), made=MADE
    )

    (cost,) = [check for check in report.checks if check.area == "cost"]
    assert "service/latency/latency_p95_ms" in report.found
    assert (cost.value, cost.verdict) == (90.0, "not judged")
    assert "The budget of 100 a month is not judged" in cost.detail
