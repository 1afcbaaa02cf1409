"""Monitors of a cloud over its request log and records in memory: the laptop's windows, from any machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import NotFoundError
from groundplan.lifecycle.contract.monitoring import Label, MonitorCheck, MonitorReport, Window

from memory_cloud import Killed
from monitoring_kit import history, plan
from rollout_kit import make_version
from watched_cloud import Cloud, at, cloud_in, feedback, looking, six_hours, text


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return cloud_in(tmp_path)


@pytest.fixture
def truths(cloud: Cloud) -> list[Label]:
    return six_hours(cloud)


def statistics(report: MonitorReport) -> list[MonitorCheck]:
    """What was found in the data: all but what a service does."""
    return [one for one in report.checks if one.area not in ("service", "volume", "cost") and one.subject != "requests"]


def service(report: MonitorReport) -> dict[str, tuple[float | None, str]]:
    return {one.subject: (one.value, one.verdict) for one in report.checks if one.area in ("service", "cost")}


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


def test_a_window_is_not_judged_before_its_last_line_can_have_come(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.late_seconds = 1200.0

    early = looking(cloud.machine()).look(at(6, 19), serving=[1])
    late = looking(cloud.machine()).look(at(6, 20), serving=[1])

    assert [one.window.end for one in (*early, *late)] == [text(5), text(6)]


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


def test_a_backtest_begins_with_the_oldest_line_that_the_log_has(cloud: Cloud, truths: list[Label]) -> None:
    monitors = cloud.machine()
    feedback(monitors, *truths)

    replayed = looking(monitors).replay(at(6, 20), serving=[1])

    assert [one.window.start for one in replayed] == [text(hour) for hour in range(6)]
    assert (replayed[-1].labelled, "drift/age/psi" in replayed[-1].alerts) == (150, True)
    assert monitors.reports("churn", "dev") == []
