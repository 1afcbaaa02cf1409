"""Monitors of a cloud over its request log and records in memory: what comes late, twice, at once, or not at all."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import NotFoundError, StoreCorruptedError
from groundplan.lifecycle.contract.monitor_store import MonitorStore
from groundplan.lifecycle.contract.monitoring import FeedbackOutcome, Label, MonitorCheck, MonitorReport, Window
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.contract.request_log import LogRemarks
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.local.monitoring.looking import Looking
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.monitors import RecordedMonitors
from groundplan.lifecycle.recorded.request_mirror import HORIZON, MirroredRequests, RequestMirror

from memory_cloud import Killed, MemoryCloud
from memory_requests import MemoryRequests
from monitoring_kit import BEGINNING, asked, history, learned, log_line, plan
from rollout_kit import make_version

KNOWN = learned()
PLAN = plan(metrics={"accuracy": 0.1})
NOBODY: dict[int, Observation] = {}
DAY = timedelta(days=1)


def at(hour: int, minute: int = 0) -> datetime:
    return BEGINNING + timedelta(hours=hour, minutes=minute)


def text(hour: int, minute: int = 0) -> str:
    return clock.to_text(at(hour, minute))


@dataclass
class Cloud:
    """One environment with version 1 at its endpoint; every machine that looks has a folder of its own."""

    folder: Path
    cloud: MemoryCloud
    requests: MemoryRequests

    def machine(self, name: str = "mine") -> RecordedMonitors:
        """The monitors as a command on this machine opens them."""
        site = Site(records=self.records, endpoints=self.cloud.endpoints, ids={"churn": "churn-dev"},
                    requests=self.requests)  # fmt: skip
        return RecordedMonitors(
            {"dev": site}, judge=watched, baseline_of=lambda version: KNOWN, folder=self.folder / name
        )  # fmt: skip

    @property
    def records(self) -> Any:
        return self.cloud.records["dev"]

    def observed(self, **changes: Any) -> None:
        """What the cloud's metrics say of version 1 in any window."""
        made = Observation(version=1, since="", requests=150, errors=0, latency_p50_ms=2.0, latency_p95_ms=5.0)
        self.cloud.endpoints.there["churn-dev"] = {1: Any}  # type: ignore[dict-item]
        self.cloud.endpoints.told = {1: replace(made, **changes)}


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    made = Cloud(tmp_path, MemoryCloud(tmp_path, ["dev"]), MemoryRequests())
    made.observed()
    return made


@pytest.fixture
def truths(cloud: Cloud) -> list[Label]:
    """Six hours of requests, drifted in the last two; their labels have not come."""
    lines, labels = asked(hours=6, drifted_from=4)
    cloud.requests.come("churn-dev", lines)
    return labels


def looking(store: MonitorStore) -> Looking:
    return Looking(store=store, plan=PLAN, baseline=lambda version: KNOWN)


def feedback(store: MonitorStore, *labels: Label, now: str = text(6, 30)) -> FeedbackOutcome:
    return store.feedback("churn", "dev", labels, window_seconds=3600, now=now)


def statistics(report: MonitorReport) -> list[MonitorCheck]:
    """What was found in the data: all but what a service does."""
    return [one for one in report.checks if one.area not in ("service", "volume", "cost") and one.subject != "requests"]


def service(report: MonitorReport) -> dict[str, tuple[float | None, str]]:
    return {one.subject: (one.value, one.verdict) for one in report.checks if one.area in ("service", "cost")}


# -- the same as on the laptop -----------------------------------------------------------------------------------------


def test_a_window_is_judged_as_on_the_laptop(cloud: Cloud, truths: list[Label]) -> None:
    laptop = history(cloud.folder / "laptop", hours=6, drifted_from=4)
    monitors = cloud.machine()
    feedback(monitors, *truths)

    (here,) = looking(laptop).look(at(6, 40), serving=[1])
    (there,) = looking(monitors).look(at(6, 40), serving=[1])

    assert statistics(there) == statistics(here)
    assert (there.rows, there.labelled, there.requests, there.alerts) == (here.rows, here.labelled, 150, here.alerts)
    assert "drift/age/psi" in there.alerts


def test_latency_and_errors_are_those_of_the_clouds_metrics_and_refusals_are_not_known(
    cloud: Cloud, truths: list[Label]
) -> None:
    cloud.observed(requests=1500, errors=60, latency_p50_ms=20.0, latency_p95_ms=900.0)

    (report,) = looking(cloud.machine()).look(at(6, 40), serving=[1])

    assert service(report) == {"latency": (900.0, "alert"), "errors": (0.04, "alert"), "endpoint": (None, "not judged")}
    assert (report.rows, report.requests) == (150, 1500)
    assert [one.verdict for one in report.checks if one.key == "quality/requests/refused"] == ["not judged"]


def test_a_version_that_the_log_does_not_know_is_watched_by_the_metrics_alone(cloud: Cloud) -> None:
    (report,) = looking(cloud.machine()).look(at(6, 40), serving=[])

    assert (report.version, report.rows, report.requests) == (1, 0, 150)
    assert report.in_words == "not enough data"


def test_an_empty_window_says_that_nothing_is_known(cloud: Cloud) -> None:
    cloud.observed(requests=0, latency_p50_ms=None, latency_p95_ms=None)

    (report,) = looking(cloud.machine()).look(at(6, 40), serving=[1])

    assert (report.rows, report.requests, report.alerts, report.in_words) == (0, 0, (), "not enough data")
    assert {name: verdict for name, (_, verdict) in service(report).items()} == {
        "latency": "not enough data", "errors": "not enough data", "endpoint": "not judged"
    }  # fmt: skip


def test_a_version_is_watched_with_the_labels_that_came_and_the_predictions_that_drifted(
    cloud: Cloud, truths: list[Label]
) -> None:
    monitors = cloud.machine()
    feedback(monitors, *truths)
    of_it = plan(positive_class="yes")

    late = monitors.watched(of_it, text(5), now=text(6), models={1: make_version(1)})
    unasked = monitors.watched(of_it, text(5), now=text(6), models={})

    assert (late[1].labelled, late[1].metrics["accuracy"], late[1].drifted) == (150, 0.0, ("predictions",))
    assert unasked[1].drifted == ()


# -- what comes late ---------------------------------------------------------------------------------------------------


def test_a_window_is_not_judged_before_its_last_line_can_have_come(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.late_seconds = 1200.0

    early = looking(cloud.machine()).look(at(6, 19), serving=[1])
    late = looking(cloud.machine()).look(at(6, 20), serving=[1])

    assert [one.window.end for one in (*early, *late)] == [text(5), text(6)]


def test_a_line_that_comes_late_is_read_and_one_that_cannot_come_any_more_is_not_asked_for(cloud: Cloud) -> None:
    lines, _ = asked(hours=6, drifted_from=6)
    cloud.requests.come("churn-dev", lines[:-50])
    monitors, last = cloud.machine(), Window(start=text(5), end=text(6))
    before = len(list(monitors.requests("churn", "dev").within(last, text(6, 5))))
    cloud.requests.come("churn-dev", lines[-50:])

    after = [len(list(monitors.requests("churn", "dev").within(last, text(6, minute)))) for minute in (9, 10, 30)]
    cloud.requests.asked.clear()
    again = len(list(cloud.machine().requests("churn", "dev").within(last, text(7))))

    assert (before, after, again, cloud.requests.asked) == (100, [150, 150, 150], 150, [])


def test_each_hour_is_asked_for_once_and_a_week_at_a_time(cloud: Cloud, truths: list[Label]) -> None:
    whole = Window(start=text(-170), end=text(6))
    requests = cloud.machine().requests("churn", "dev")

    first = len(list(requests.within(whole, text(8))))
    stretches = list(cloud.requests.asked)
    second = len(list(cloud.machine().requests("churn", "dev").within(replace(whole, end=text(7)), text(8))))

    assert (first, second) == (900, 900)
    assert stretches == [(text(-170), text(-2)), (text(-2), text(6))]
    assert cloud.requests.asked == [*stretches, (text(6), text(7))]


def test_labels_that_come_late_are_counted_in_their_window_by_every_machine(cloud: Cloud, truths: list[Label]) -> None:
    before = looking(cloud.machine("mine")).look(at(6, 20), serving=[1])
    feedback(cloud.machine("yours"), *truths, now=text(6, 25))

    after = looking(cloud.machine("mine")).look(at(6, 30), serving=[1])

    assert ([one.labelled for one in before], [one.labelled for one in after]) == ([0], [150])
    assert "performance/model/accuracy" in after[0].found - before[0].found
    assert [one.labelled for one in cloud.machine("yours").reports("churn", "dev")] == [150, 150, 150]


def test_what_was_judged_is_not_read_again_on_any_machine(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), *truths, now=text(6))
    first = looking(cloud.machine("mine")).look(at(6, 20), serving=[1])
    cloud.requests.asked.clear()

    second = looking(cloud.machine("yours")).look(at(6, 40), serving=[1])

    assert (second, cloud.requests.asked) == (first, [])


def test_labels_of_a_machine_whose_clock_goes_slow_have_their_window_judged_again_once(
    cloud: Cloud, truths: list[Label]
) -> None:
    looking(cloud.machine("mine")).look(at(6, 20), serving=[1])
    feedback(cloud.machine("yours"), *truths[800:], now=text(6, 6))

    (after,) = looking(cloud.machine("mine")).look(at(6, 21), serving=[1])
    cloud.requests.kept.clear()
    again = looking(cloud.machine("new")).look(at(6, 22), serving=[1])

    assert (after.labelled, again) == (100, [after])


# -- labels ------------------------------------------------------------------------------------------------------------


def test_labels_are_joined_by_request_and_whatever_cannot_be_is_counted(cloud: Cloud) -> None:
    row: dict[str, object] = {"age": 40.0}
    batch = log_line(text(5, 2), row, "yes", request_id="batch", rows=2, inputs=[row, row], outputs=["yes", "no"])
    cloud.requests.come("churn-dev", [log_line(text(5, 1), row, "yes", request_id="one"), batch])
    monitors = cloud.machine()

    unknown, beyond = Label(request_id="nobody", value="yes"), Label(request_id="batch", value="c", row=2)
    first = feedback(
        monitors, Label(request_id="one", value="yes"), Label(request_id="batch", value="b", row=1), unknown, beyond
    )
    second = feedback(monitors, Label(request_id="one", value="no"), Label(request_id="batch", value="b", row=1))

    refused = ("batch: there is no row 2; the request has 2",)
    assert first == FeedbackOutcome(kept=2, late=2, unknown=("nobody",), refused=refused)
    assert second == FeedbackOutcome(kept=1, changed=1, repeated=1, late=1)
    assert {key: label.value for key, label in monitors.labels("churn", "dev").items()} == {
        ("one", 0): "no", ("batch", 1): "b"
    }  # fmt: skip


def test_the_log_is_read_back_until_all_requests_are_found(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), *truths[-10:])
    near = list(cloud.requests.asked)
    cloud.requests.asked.clear()

    outcome = feedback(cloud.machine("yours"), Label(request_id="nobody", value="yes"))

    assert min(near)[0] > clock.to_text(at(6, 30) - 2 * DAY)
    assert (outcome.unknown, min(cloud.requests.asked)[0][:10]) == (("nobody",), "2025-12-01")


def test_two_machines_that_keep_labels_at_the_same_time_lose_none(cloud: Cloud, truths: list[Label]) -> None:
    mine, yours = cloud.machine("mine"), cloud.machine("yours")
    cloud.cloud.records["dev"].meanwhile = lambda _: feedback(yours, *truths[100:300]) and None

    feedback(mine, *truths[:200])

    for machine in (mine, yours, cloud.machine("new")):
        assert set(machine.labels("churn", "dev")) == {(label.request_id, 0) for label in truths[:300]}


def test_the_later_label_of_a_row_counts_although_its_machine_has_the_earlier_time(
    cloud: Cloud, truths: list[Label]
) -> None:
    feedback(cloud.machine("mine"), replace(truths[0], value="first"), now=text(6, 30))
    feedback(cloud.machine("yours"), replace(truths[0], value="second"), now=text(6, 27))

    assert [one.value for one in cloud.machine().labels("churn", "dev").values()] == ["second"]


def test_rows_with_their_labels_are_found_without_reading_other_hours(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), truths[160], truths[610])
    cloud.requests.asked.clear()

    rows = cloud.machine("new").labelled_rows("churn", "dev", now=text(7))

    assert [(row.when[11:13], row.label) for row in rows] == [("01", truths[160].value), ("04", truths[610].value)]
    assert cloud.requests.asked == [(text(1), text(2)), (text(4), text(5))]


def test_a_record_of_labels_that_was_damaged_is_named(cloud: Cloud, truths: list[Label]) -> None:
    feedback(cloud.machine("mine"), truths[0])
    (name,) = cloud.records.names("monitoring/churn/labels/")
    cloud.records.documents[name] = Record(text="[{]", tag='"x"')

    with pytest.raises(StoreCorruptedError, match="damaged: it does not hold labels") as error:
        cloud.machine("new").labels("churn", "dev")

    assert error.value.problems[0].where == name


# -- kills, and everything begun anew ----------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("left", [0, 1])
def test_labels_that_a_kill_left_out_can_come_again(
    cloud: Cloud, truths: list[Label], monkeypatch: pytest.MonkeyPatch, left: int, done: bool
) -> None:
    monkeypatch.setattr("groundplan.lifecycle.recorded.labels._MOST", 100)
    cloud.cloud.fuse.left, cloud.cloud.fuse.done = left, done
    with pytest.raises(Killed):
        feedback(cloud.machine("mine"), *truths[:200])

    outcome = feedback(cloud.machine("mine"), *truths[:200])

    kept = 100 * (left + done)
    assert (outcome.kept, outcome.repeated) == (200 - kept, kept)
    assert len(cloud.machine("new").labels("churn", "dev")) == 200


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_look_that_was_killed_between_its_reports_is_finished_by_the_next(
    cloud: Cloud, truths: list[Label], left: int, done: bool
) -> None:
    feedback(cloud.machine(), *truths, now=text(6))
    cloud.cloud.fuse.left, cloud.cloud.fuse.done = left, done
    with pytest.raises(Killed):
        looking(cloud.machine("mine")).look(at(6, 20), serving=[1])

    (after,) = looking(cloud.machine("yours")).look(at(6, 20), serving=[1])

    found = cloud.machine("new").reports("churn", "dev")
    assert [one.window.end for one in found] == [text(4), text(5), text(6)]
    assert found[-1] == after
    assert "drift/age/psi" in after.alerts


def test_a_log_that_was_half_read_when_the_process_was_killed_is_read_again(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.kill_after = 400
    whole = Window(start=text(0), end=text(6))
    with pytest.raises(Killed):
        list(cloud.machine().requests("churn", "dev").within(whole, text(8)))

    found = [line["request_id"] for line in cloud.machine().requests("churn", "dev").within(whole, text(8))]

    assert found == [label.request_id for label in truths]
    assert list((cloud.folder / "mine" / "requests" / "churn@dev").glob(".incoming-*")) == []


def test_a_machine_with_nothing_on_it_knows_all_that_was_kept(cloud: Cloud, truths: list[Label]) -> None:
    mine = cloud.machine("mine")
    feedback(mine, *truths)
    looking(mine).look(at(6, 40), serving=[1])
    mine.keep_told("churn", "dev", {"v1 drift/age/psi": text(6, 40)})

    new = cloud.machine("new")

    assert new.reports("churn", "dev") == mine.reports("churn", "dev")
    assert new.labels("churn", "dev") == mine.labels("churn", "dev")
    assert new.told("churn", "dev") == {"v1 drift/age/psi": text(6, 40)}


def test_before_anything_is_provisioned_there_are_no_reports_and_the_rest_is_missed(cloud: Cloud) -> None:
    cloud.records.gone = True
    monitors = cloud.machine()

    assert monitors.reports("churn", "dev") == []
    with pytest.raises(NotFoundError, match="the store is not there"):
        monitors.labels("churn", "dev")
    with pytest.raises(NotFoundError, match="there is no endpoint 'other' in 'dev'"):
        monitors.told("other", "dev")


def test_what_callers_sent_and_what_was_true_is_kept_from_others_and_from_git(
    cloud: Cloud, truths: list[Label]
) -> None:
    monitors = cloud.machine()
    feedback(monitors, *truths)
    monitors.labels("churn", "dev")

    for folder in (cloud.folder / "mine" / "requests" / "churn@dev", cloud.folder / "mine" / "labels" / "dev"):
        assert (folder.stat().st_mode & 0o777, (folder / ".gitignore").read_text()) == (0o700, "*\n")


# -- much --------------------------------------------------------------------------------------------------------------


class Long:
    """A log whose lines are made as they are read: one a millisecond."""

    late_seconds = 0.0

    def __init__(self, count: int) -> None:
        self._count = count

    def lines(self, endpoint: str, since: str, until: str, remarks: LogRemarks | None = None
              ) -> Iterator[Mapping[str, object]]:  # fmt: skip
        for number in range(self._count if since == text(0) else 0):
            when = clock.to_text(at(0) + timedelta(milliseconds=number))
            yield {"time": when, "request_id": str(number), "version": 1, "rows": 1,
                   "inputs": [{"age": 41.5, "plan": "basic"}], "outputs": ["yes"]}  # fmt: skip


def peak(folder: Path, count: int) -> int:
    """The most bytes that are held while so many lines are fetched and read."""
    requests = MirroredRequests(RequestMirror(Long(count), "churn-dev", folder))
    tracemalloc.start()
    try:
        assert sum(1 for _ in requests.within(Window(start=text(0), end=text(1)), text(2))) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_hundred_thousand_lines_take_no_more_memory_than_two_thousand(tmp_path: Path) -> None:
    few, many = peak(tmp_path / "few", 2_000), peak(tmp_path / "many", 100_000)

    assert many < 1.5 * few, (few, many)


def test_reports_of_years_are_kept_and_the_last_ones_read(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundplan.lifecycle.recorded.monitors._REPORTS_IN_ONE", 2)
    monkeypatch.setattr("groundplan.lifecycle.recorded.monitors._DOCUMENTS_READ", 3)
    monitors = cloud.machine()

    for hour in range(11):
        monitors.keep(_report(hour))
        cloud.machine("yours").keep(_report(hour))

    assert [one.window.start for one in monitors.reports("churn", "dev")] == [text(hour) for hour in range(6, 11)]
    assert len(cloud.records.names("monitoring/churn/reports/")) == 6


def _report(hour: int) -> MonitorReport:
    window = Window(start=text(hour), end=text(hour + 1))
    return MonitorReport(endpoint="churn", environment="dev", model="churn", version=1, window=window, rows=0,
                         labelled=0, checks=())  # fmt: skip


def test_hours_beyond_the_horizon_are_neither_asked_for_nor_kept(cloud: Cloud, truths: list[Label]) -> None:
    monitors, folder = cloud.machine(), cloud.folder / "mine" / "requests" / "churn@dev"
    list(monitors.requests("churn", "dev").within(Window(start=text(0), end=text(7)), text(6, 30)))
    much_later = clock.to_text(at(6) + HORIZON)
    cloud.requests.asked.clear()

    found = list(monitors.requests("churn", "dev").within(Window(start=text(0), end=much_later), much_later))

    assert (len(found), min(cloud.requests.asked)[0]) == (0, text(6))
    assert min(path.name for path in folder.glob("2*")) == "2026-03-01T06.jsonl"


def test_what_was_left_out_of_the_log_is_told_whenever_its_window_is_read(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.remarks = LogRemarks(halves=7)
    first = _notes(cloud, at(7))
    cloud.requests.remarks = None

    second = _notes(cloud, at(8))

    (said,) = LogRemarks(halves=7).notes()
    assert first == second == (f"{said}, {text(5)} to {text(6)}",)


def _notes(cloud: Cloud, now: datetime) -> Sequence[str]:
    requests = cloud.machine().requests("churn", "dev")
    assert len(list(requests.within(Window(start=text(5), end=text(6)), clock.to_text(now)))) == 150
    return requests.notes()


def test_a_backtest_begins_with_the_oldest_line_that_the_log_has(cloud: Cloud, truths: list[Label]) -> None:
    monitors = cloud.machine()
    feedback(monitors, *truths)

    replayed = looking(monitors).replay(at(6, 20), serving=[1])

    assert [one.window.start for one in replayed] == [text(hour) for hour in range(6)]
    assert (replayed[-1].labelled, "drift/age/psi" in replayed[-1].alerts) == (150, True)
    assert monitors.reports("churn", "dev") == []
