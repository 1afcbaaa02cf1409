"""Monitoring on a request log on disk: what is read, joined with labels, judged, kept and replayed."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import NotFoundError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.monitoring import Baseline, FeedbackOutcome, Label, MonitorReport
from groundplan.lifecycle.local.monitoring import baselines, windows
from groundplan.lifecycle.local.monitoring.columns import Columns
from groundplan.lifecycle.local.monitoring.looking import Looking
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.monitors.window import Column
from groundplan.lifecycle.request_lines import rotated

from monitoring_kit import HOUR, baseline, history, learned, log_line, plan
from rollout_kit import make_version

ROW: dict[str, object] = {"age": 40.0, "plan": "basic"}
KNOWN = learned()


def at(hour: int, minute: int = 0) -> datetime:
    return clock.from_text(f"2026-03-01T{hour:02d}:{minute:02d}:00+00:00")


def read(path: Path, *lines: str, baseline: Baseline = KNOWN, **values: Any) -> Any:
    path.write_text("".join(lines))
    found = windows.read(rotated(path), plan(), HOUR, serving=[1], baseline=lambda version: baseline, labels={},
                         now="2026-03-01T12:00:00.000Z", **values)  # fmt: skip
    return found[1]


def line(minute: int = 0, row: dict[str, object] | None = None, **values: Any) -> str:
    return log_line(f"2026-03-01T10:{minute:02d}:00.000Z", row or ROW, "yes", **values)


def listed(column: Column) -> list[float]:
    return [] if column.numbers is None else column.numbers.tolist()


# -- reading ---------------------------------------------------------------------------------------------------------


def test_a_window_begins_with_its_start_and_ends_before_its_end(tmp_path: Path) -> None:
    times = ["09:59:59.999", "10:00:00.000", "10:59:59.999", "11:00:00.000"]

    data = read(tmp_path / "log", *[log_line(f"2026-03-01T{time}Z", ROW, "yes") for time in times])

    assert (data.requests, data.rows) == (2, 2)


def test_values_are_told_apart_by_what_the_training_data_had(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"age": 41, "plan": "gold"}, {"age": None, "plan": None}, {"age": "41", "plan": "gold"}, {"age": True},
        {"plan": ["gold"]}, {"age": 1e400, "plan": 7.0, "new": 1},
    ]  # fmt: skip

    data = read(tmp_path / "log", *[line(row=row) for row in rows])

    age, sort = data.columns["age"], data.columns["plan"]
    assert (age.numbers.tolist(), age.absent, age.empty, age.wrong, age.rows) == ([41.0], 1, 1, 3, 6)
    assert (sort.categories, sort.absent, sort.empty, sort.wrong) == ({"gold": 2, "7": 1}, 1, 1, 1)
    assert data.unknown == ("new",)


def test_columns_are_the_same_however_many_rows_are_read_at_once() -> None:
    profiles = baseline({"age": range(20, 60), "pay": range(5)}, {"plan": ["gold"] * 9}).features
    strange: list[dict[str, object]] = [{"age": True, "pay": 1}, {"age": None, "pay": "2"}, {"pay": math.inf}]
    rows: list[dict[str, object]] = [{"age": age, "pay": age / 2, "plan": "gold"} for age in range(3000)]
    rows[1500:1500] = strange
    apart, together = Columns(profiles), Columns(profiles)

    for row in rows:
        apart.add([row])
        assert apart.columns()
    for start in range(0, len(rows), 700):
        together.add(rows[start : start + 700])

    expected, found = apart.columns(), together.columns()
    for name, column in expected.items():
        assert {**vars(found[name]), "numbers": listed(found[name])} == {**vars(column), "numbers": listed(column)}
    assert (found["age"].absent, found["age"].empty, found["age"].wrong, found["pay"].wrong) == (1, 1, 1, 2)


def test_statuses_are_the_services_failures_the_contents_refusals_or_neither(tmp_path: Path) -> None:
    lines = [line(status=status) for status in (200, 422, 413, 401, 421, 500, 503, 504)]

    data = read(tmp_path / "log", *lines)

    assert (data.requests, data.refused, data.failed) == (8, 2, 3)


def test_old_files_are_read_and_damaged_or_future_lines_are_counted_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "log.2").write_text(line(1))
    (tmp_path / "log.1").write_text(line(2) + '{"time":"2026-03-01T10:03:00.000Z","rou\n' + "\0\0\n")

    data = read(tmp_path / "log", line(4), log_line("2026-03-01T12:06:00.000Z", ROW, "yes"))

    assert data.requests == 3
    assert data.notes == (
        "2 lines of the request log are damaged and were left out",
        "1 requests carry a time that has not come yet: a clock was changed",
    )


def test_an_endpoint_that_was_never_asked_has_an_empty_window(tmp_path: Path) -> None:
    found = windows.read(rotated(tmp_path / "none"), plan(), HOUR, serving=[1], baseline=lambda version: KNOWN,
                         labels={}, now=HOUR.end)  # fmt: skip

    assert (found[1].requests, found[1].rows, found[1].columns["age"].rows) == (0, 0, 0)


@pytest.mark.parametrize(
    ("share", "measured", "notes"),
    [
        (0.2500004, True, []),
        (0.75, False, ["probabilities: they do not sum to one and were left out"]),
    ],
)
def test_probabilities_that_are_rounded_are_taken_and_scores_that_are_none_left_out(
    tmp_path: Path, share: float, measured: bool, notes: list[str]
) -> None:
    lines = [
        line(number, request_id=str(number), probabilities=[{"yes": 0.75, "no": share}], outputs=["yes"])
        for number in range(4)
    ]
    (tmp_path / "log").write_text("".join(lines))
    labels = {(str(number), 0): Label(request_id=str(number), value="no" if number else "yes") for number in range(4)}

    data = windows.read(rotated(tmp_path / "log"), plan(positive_class="yes"), HOUR, serving=[1],
                        baseline=lambda version: KNOWN, labels=labels, now=HOUR.end)[1]  # fmt: skip

    assert data.performance is not None
    assert ("log_loss" in data.performance.metrics) is measured
    assert [note for note in data.performance.notes if note.startswith("probabilities")] == notes


# -- feedback --------------------------------------------------------------------------------------------------------


def feedback(store: LocalMonitorStore, *labels: Label, now: str = "2026-03-01T10:30:00.000Z") -> FeedbackOutcome:
    return store.feedback("churn", "dev", labels, window_seconds=3600, now=now)


@pytest.fixture
def store(tmp_path: Path) -> LocalMonitorStore:
    store = LocalMonitorStore(Layout(tmp_path))
    path = store.request_log("churn", "dev")
    path.parent.mkdir(parents=True)
    batch = line(2, request_id="batch", rows=2, inputs=[ROW, ROW], outputs=["yes", "no"])
    unsampled = '{"time":"2026-03-01T10:03:00.000Z","request_id":"plain","route":"/predict","status":200,"ms":1,"rows":1,"version":1}\n'  # noqa: E501
    path.write_text(line(1, request_id="one") + batch + unsampled + line(4, request_id="bad", status=422))
    return store


def test_labels_are_joined_by_request_and_whatever_cannot_be_is_counted(store: LocalMonitorStore) -> None:
    first = feedback(store, Label(request_id="one", value="yes"), Label(request_id="one", value="yes"),
                     Label(request_id="nobody", value="yes"), Label(request_id="bad", value="no"),
                     Label(request_id="plain", value="no"))  # fmt: skip
    second = feedback(store, Label(request_id="one", value="no"), Label(request_id="plain", value="no"),
                      now="2026-03-01T11:30:00.000Z")  # fmt: skip

    assert first == FeedbackOutcome(kept=2, repeated=1, unknown=("nobody", "bad"), unsampled=1)
    assert second == FeedbackOutcome(kept=1, changed=1, repeated=1, late=1)
    assert {key: label.value for key, label in store.labels("churn", "dev").items()} == {
        ("one", 0): "no", ("plain", 0): "no"
    }  # fmt: skip


def test_a_label_of_a_batch_says_which_row(store: LocalMonitorStore) -> None:
    outcome = feedback(store, Label(request_id="batch", value="a"), Label(request_id="batch", value="b", row=1),
                       Label(request_id="batch", value="c", row=2))  # fmt: skip

    assert outcome.kept == 1
    assert outcome.refused == (
        "batch: the request has 2 rows; say which with 'row', from 0",
        "batch: there is no row 2; the request has 2",
    )
    (row,) = store.labelled_rows("churn", "dev", now="2026-03-01T12:00:00.000Z")
    assert (row.row, row.label) == (ROW, "b")


def test_a_label_after_a_line_that_a_kill_cut_short_is_whole(store: LocalMonitorStore) -> None:
    feedback(store, Label(request_id="one", value="yes"))
    path = store.layout.state / "monitoring" / "churn@dev" / "feedback.jsonl"
    path.write_bytes(path.read_bytes()[:-20])

    feedback(store, Label(request_id="one", value="no"))

    assert [label.value for label in store.labels("churn", "dev").values()] == ["no"]


# -- looking and replaying -------------------------------------------------------------------------------------------


def looking(store: LocalMonitorStore, **values: Any) -> Looking:
    return Looking(store=store, plan=plan(metrics={"accuracy": 0.1}, **values), baseline=lambda version: KNOWN)


def alerts(reports: list[MonitorReport]) -> dict[str, tuple[str, ...]]:
    return {report.window.start[11:13]: report.alerts for report in reports}


DRIFTED = ("drift/age/psi", "performance/model/accuracy", "prediction/predictions/psi", "quality/age/range")


def test_two_drifted_hours_alert_once_the_second_has_ended(tmp_path: Path) -> None:
    one = looking(history(tmp_path, hours=6, drifted_from=4))

    first = one.look(at(5, 59), serving=[1])
    second = one.look(at(6), serving=[1])

    assert (alerts(first), alerts(second)) == ({"04": ()}, {"05": DRIFTED})
    assert first[0].found == frozenset(DRIFTED)
    assert set(second[0].since.values()) == {"2026-03-01T04:00:00.000Z"}
    assert (second[0].labelled, second[0].rows) == (150, 150)


def test_looking_again_changes_nothing_and_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = looking(history(tmp_path, hours=6, drifted_from=4))
    first = one.look(at(6), serving=[1])
    monkeypatch.setattr(windows, "read", None)

    assert one.look(at(6, 30), serving=[1]) == first


def test_a_label_that_comes_late_is_counted_in_its_window(tmp_path: Path) -> None:
    store = history(tmp_path, hours=6, drifted_from=4, labelled=False)
    one = looking(store)
    before = one.look(at(6), serving=[1])
    late = [Label(request_id=f"5-{number}", value="no") for number in range(150)]

    store.feedback("churn", "dev", late, window_seconds=3600, now=clock.to_text(clock.now()))
    after = one.look(at(6, 1), serving=[1])

    assert ([one.labelled for one in before], [one.labelled for one in after]) == ([0], [150])
    assert "performance/model/accuracy" in after[0].found - before[0].found


def test_what_was_judged_stays_when_the_log_has_been_rotated_away(tmp_path: Path) -> None:
    store = history(tmp_path, hours=6, drifted_from=4)
    first = looking(store).look(at(6), serving=[1])
    store.request_log("churn", "dev").write_text("")

    assert looking(store).look(at(6, 30), serving=[1]) == first


def test_a_clock_that_is_set_back_neither_alerts_nor_loses_what_was_judged(tmp_path: Path) -> None:
    store = history(tmp_path, hours=6, drifted_from=4)
    looking(store).look(at(6), serving=[1])

    back = looking(store).look(at(4, 30), serving=[1])

    assert alerts(back) == {"03": ()}
    assert store.reports("churn", "dev")[-1].alerts == DRIFTED


def test_an_hour_without_requests_is_not_called_calm(tmp_path: Path) -> None:
    one = looking(history(tmp_path, hours=3, drifted_from=3))

    (report,) = one.look(at(4), serving=[1])

    assert (report.rows, report.alerts, "volume/requests/requests" in report.found) == (0, (), True)
    assert {check.verdict for check in report.checks if check.area in ("drift", "prediction")} == {"not enough data"}


def test_a_version_without_a_baseline_is_watched_for_the_rest_and_says_why(tmp_path: Path) -> None:
    def gone(version: int) -> Baseline:
        raise NotFoundError("churn v1 has no baseline, and its run run-1 is gone")

    store = history(tmp_path, hours=2, drifted_from=0)

    (report,) = Looking(store=store, plan=plan(), baseline=gone).look(at(2), serving=[1])

    assert report.notes[-1] == "churn v1 has no baseline, and its run run-1 is gone"
    assert [check.key for check in report.checks if check.area == "drift"] == []


def test_a_replay_says_when_people_would_have_been_told_and_keeps_nothing(tmp_path: Path) -> None:
    store = history(tmp_path, hours=8, drifted_from=5)

    replayed = looking(store).replay(at(8), serving=[1])

    assert alerts(replayed) == {**{f"0{hour}": () for hour in range(6)}, "06": DRIFTED, "07": DRIFTED}
    assert store.reports("churn", "dev") == []


# -- what rollouts see of labels ---------------------------------------------------------------------------------------


def test_a_version_is_watched_with_metrics_on_labels_that_came_since(tmp_path: Path) -> None:
    store, plan_of_it = history(tmp_path, hours=6, drifted_from=4), plan(positive_class="yes")
    model = replace(make_version(1), path=tmp_path / "models" / "1" / "model")
    baselines.write(model.path, KNOWN)
    now = "2026-03-01T06:00:00.000Z"

    calm = store.watched(plan_of_it, "2026-03-01T00:00:00.000Z", now=now, models={1: model})
    late = store.watched(plan_of_it, "2026-03-01T05:00:00.000Z", now=now, models={1: model})
    unasked = store.watched(plan_of_it, "2026-03-01T05:00:00.000Z", now=now, models={})

    assert [one[1].labelled for one in (calm, late)] == [900, 150]
    assert [one[1].metrics["accuracy"] for one in (calm, late)] == [pytest.approx(4 / 6, abs=0.01), 0.0]
    assert calm[1].standard_errors["accuracy"] == pytest.approx((4 / 6 * 2 / 6 / 900) ** 0.5, rel=0.2)
    assert (late[1].drifted, unasked[1].drifted) == (("predictions",), ())
