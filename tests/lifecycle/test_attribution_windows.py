"""Which rows of a log the model is asked about, and what a look makes of a model that cannot be asked.

The model itself is told here; test_attribution.py asks real ones, tests/lifecycle/conformance those of a registry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import DataError
from groundplan.lifecycle.contract.monitoring import Attribution, Baseline, MonitorCheck, MonitorPlan, MonitorReport
from groundplan.lifecycle.local.monitoring import windows
from groundplan.lifecycle.local.monitoring.looking import Looking
from groundplan.lifecycle.local.monitoring.sampling import RowSample
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.request_lines import rotated

from monitoring_kit import BEGINNING, HOUR, history, learned, log_line, plan

ASKS = plan(attribution=0.9, hysteresis=(1, 1))
KNOWN = replace(learned(), attribution=Attribution(rows=300, values={"age": 0.4, "plan": 0.1}))
CHANCES = ((1e-4, 0.0), (0.0, 1e-4))
NOW = BEGINNING + timedelta(hours=2, minutes=1)


class Told:
    """A model that answers as it is told; counts the rows that it was asked about."""

    def __init__(self, answer: Attribution | None = None) -> None:
        self.answer = answer
        self.asked: list[tuple[int, int]] = []

    def __call__(self, version: int, rows: Sequence[Mapping[str, object]]) -> Attribution:
        self.asked.append((version, len(rows)))
        if self.answer is None:
            raise DataError("the model fails on these rows: KeyError: 'plan'", hint="Nobody reads this.")
        return self.answer


def lines(count: int, **values: Any) -> list[str]:
    return [
        log_line(f"2026-03-01T10:00:{number % 60:02d}.000Z", {"age": float(number), "plan": "gold"}, "yes", **values)
        for number in range(count)
    ]


def read(path: Path, logged: Sequence[str], asks: MonitorPlan = ASKS) -> Any:
    path.write_text("".join(logged))
    return windows.read(
        rotated(path), asks, HOUR, serving=[1], baseline=lambda version: KNOWN, labels={}, now=HOUR.end
    )[1]


@pytest.fixture
def store(tmp_path: Path) -> LocalMonitorStore:
    """The log of two hours, in which nobody looked."""
    return history(tmp_path, hours=2, drifted_from=2, labelled=False)


def look(store: LocalMonitorStore, told: Told, asks: MonitorPlan = ASKS, known: Baseline = KNOWN) -> MonitorReport:
    looking = Looking(store=store, plan=asks, baseline=lambda version: known, attribute=told)
    (report,) = looking.look(NOW, serving=[1])
    return report


def attribution(report: MonitorReport) -> MonitorCheck:
    (found,) = [check for check in report.checks if check.area == "attribution"]
    return found


# -- which rows --------------------------------------------------------------------------------------------------------


def test_of_a_window_of_any_length_two_thousand_rows_are_kept_and_the_same_ones_each_time(tmp_path: Path) -> None:
    logged = lines(3_000)

    first, second = read(tmp_path / "a", logged), read(tmp_path / "b", logged)

    ages = [row["age"] for row in first.sample]
    assert (len(ages), len(set(ages)), first.rows) == (2_000, 2_000, 3_000)
    assert first.sample == second.sample


def test_each_row_is_as_likely_to_be_kept_as_every_other() -> None:
    sample = RowSample(1_000)

    for start in range(0, 100_000, 7):
        sample.add({"n": number} for number in range(start, min(start + 7, 100_000)))

    kept = [row["n"] for row in sample.rows]
    tenths = [
        sum(low <= one < low + 10_000 for one in kept if isinstance(one, int)) for low in range(0, 100_000, 10_000)
    ]
    assert sum(tenths) == 1_000
    assert all(60 < count < 145 for count in tenths)


def test_no_row_is_kept_where_the_config_does_not_ask(tmp_path: Path) -> None:
    assert read(tmp_path / "log", lines(200), plan()).sample == []


def test_rows_with_redacted_columns_are_left_out(tmp_path: Path) -> None:
    data = read(tmp_path / "log", [*lines(120), *lines(80, redacted=["plan"])])

    assert (data.rows, len(data.sample), data.columns["plan"].redacted) == (200, 120, True)


# -- what a look makes of it -------------------------------------------------------------------------------------------


def test_a_model_whose_answers_depend_on_another_column_alerts(store: LocalMonitorStore) -> None:
    told = Told(Attribution(rows=150, values={"plan": 0.4, "age": 0.1}, covariance=CHANCES))

    report = look(store, told)

    assert (told.asked, report.alerts) == ([(1, 150)], ("attribution/model/ndcg",))
    found = attribution(report)
    assert (found.labels, found.before, found.after) == (("age", "plan"), (0.8, 0.2), (0.2, 0.8))
    assert found.detail == "age decides 20.0% now, 80.0% on the held-out rows"


def test_a_model_that_cannot_be_asked_is_a_reason_and_all_else_is_judged(store: LocalMonitorStore) -> None:
    off = look(
        history(store.layout.root / "other", hours=2, drifted_from=2, labelled=False), Told(), plan(hysteresis=(1, 1))
    )

    report = look(store, Told())

    found = attribution(report)
    assert (found.verdict, found.detail) == ("not judged", "the model fails on these rows: KeyError: 'plan'")
    assert [check for check in report.checks if check != found] == list(off.checks)
    assert (report.alerts, report.notes) == ((), off.notes)


@pytest.mark.parametrize(
    ("asks", "known"),
    [
        (plan(hysteresis=(1, 1)), KNOWN),
        (replace(ASKS, min_rows=151), KNOWN),
        (ASKS, replace(KNOWN, attribution=None)),
    ],
    ids=["off", "too few rows", "a baseline from before"],
)
def test_a_model_is_not_asked_what_nobody_could_judge(
    store: LocalMonitorStore, asks: MonitorPlan, known: Baseline
) -> None:
    told = Told()

    look(store, told, asks, known)

    assert told.asked == []


def test_columns_that_the_log_does_not_have_are_named(store: LocalMonitorStore) -> None:
    path = store.request_log("churn", "dev")
    path.write_text(path.read_text().replace('"inputs"', '"redacted":["plan"],"inputs"'))
    told = Told()

    found = attribution(look(store, told))

    assert (told.asked, found.verdict) == ([], "not judged")
    assert found.detail == "the log does not have all that the model takes: plan is redacted"


def test_neither_a_backtest_nor_a_rollout_asks_the_model(store: LocalMonitorStore) -> None:
    told = Told()
    looking = Looking(store=store, plan=ASKS, baseline=lambda version: KNOWN, attribute=told)

    replayed = looking.replay(NOW, serving=[1])
    seen = watched(store.requests("churn", "dev"), ASKS, replayed[0].window, {}, {1: KNOWN})

    assert (told.asked, len(replayed), list(seen)) == ([], 2, [1])
    assert [check for report in replayed for check in report.checks if check.area == "attribution"] == []
