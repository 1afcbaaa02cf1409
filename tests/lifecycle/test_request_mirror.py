"""A cloud's request log on this machine: what comes late, what is read once, what is kept and for whom."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from groundplan.core import clock
from groundplan.core.errors import NotFoundError
from groundplan.lifecycle.contract.monitoring import Label, Window
from groundplan.lifecycle.contract.request_log import LogRemarks
from groundplan.lifecycle.recorded.request_mirror import HORIZON, MirroredRequests, RequestMirror

from conformance_kit import RecordedRig
from memory_cloud import Killed
from monitoring_kit import asked, log_line
from watched_cloud import Cloud, at, cloud_in, feedback, six_hours, text


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return cloud_in(tmp_path)


@pytest.fixture
def truths(cloud: Cloud) -> list[Label]:
    return six_hours(cloud)


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


def test_a_log_that_was_half_read_when_the_process_was_killed_is_read_again(cloud: Cloud, truths: list[Label]) -> None:
    cloud.requests.kill_after = 400
    whole = Window(start=text(0), end=text(6))
    with pytest.raises(Killed):
        list(cloud.machine().requests("churn", "dev").within(whole, text(8)))

    found = [line["request_id"] for line in cloud.machine().requests("churn", "dev").within(whole, text(8))]

    assert found == [label.request_id for label in truths]
    assert list((cloud.folder / "mine" / "requests" / "churn@dev").glob(".incoming-*")) == []


def test_what_callers_sent_and_what_was_true_is_kept_from_others_and_from_git(
    cloud: Cloud, truths: list[Label]
) -> None:
    monitors = cloud.machine()
    feedback(monitors, *truths)
    monitors.labels("churn", "dev")

    for folder in (cloud.folder / "mine" / "requests" / "churn@dev", cloud.folder / "mine" / "labels" / "dev"):
        assert (folder.stat().st_mode & 0o777, (folder / ".gitignore").read_text()) == (0o700, "*\n")


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


class Long:
    """A log whose lines are made as they are read: one a millisecond."""

    late_seconds = 0.0

    def __init__(self, count: int) -> None:
        self._count = count

    def begun(self, endpoint: str) -> str:
        return text(0)

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


def test_a_hundred_thousand_lines_are_not_held_at_once(tmp_path: Path) -> None:
    """Their text alone is over 10 MB; threads that other tests left behind may hold some in the meantime."""
    few, many = peak(tmp_path / "few", 2_000), peak(tmp_path / "many", 100_000)

    assert many < few + 8_000_000, (few, many)


def test_the_requests_of_the_last_day_are_fetched_to_a_file(tmp_path: Path) -> None:
    rig = RecordedRig(tmp_path, copies=50)
    rig.serve("a")
    hours = (49, 20, 1)
    lines = [
        log_line(clock.to_text(clock.now() - timedelta(hours=ago)), {"age": 41}, "yes", request_id=f"{ago} hours ago")
        for ago in hours
    ]
    rig.requests.come("churn-dev", lines)

    path = rig.platform().endpoints.request_log("churn", "dev")

    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["request_id"], line["inputs"]) for line in found] == [
        ("20 hours ago", [{"age": 41}]), ("1 hours ago", [{"age": 41}])
    ]  # fmt: skip
    with pytest.raises(NotFoundError, match="nothing is deployed at endpoint 'churn' in 'prod'"):
        rig.platform().endpoints.request_log("churn", "prod")
