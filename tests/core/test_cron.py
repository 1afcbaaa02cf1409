"""Schedules of five cron fields: which mean nothing, and when the others fire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from groundplan.core import cron
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)  # a Saturday
LONG_AGO = NOW - timedelta(days=3650)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("0 3 * * 1", None),
        ("*/15 0-6,22 1,15 jan-mar mon-fri", None),
        ("0 0 31 1,2 *", None),
        ("0 0 30 2 mon", None),
        ("60 3 * * 1", "the minute '60' is not from 0 to 59"),
        ("0 3 0 * *", "the day of the month '0' is not from 1 to 31"),
        ("0 3 * 13 *", "the month '13' is not from 1 to 12"),
        ("0 3 * * eight", "the day of the week 'eight' is not from 0 to 7"),
        ("0 6-3 * * *", "the hour '6-3' ends before it starts"),
        ("*/0 * * * *", "the minute '*/0' steps by 0"),
        ("0 *-3 * * *", "the hour '*-3' is neither a number, nor a range, nor *"),
        ("0 3, * * *", "the hour '' is neither a number, nor a range, nor *"),
        ("0 3 30 2 *", "month 2 has no day 30"),
        ("0 3 31 feb,4 *", "month feb,4 has no day 31"),
        ("0 3 30,31 2 *", "month 2 has no day 30,31"),
        ("0 3 30-31 2 */2", "month 2 has no day 30-31"),
        ("0 3 29 2 *", None),
    ],
)
def test_a_schedule_that_never_fires_is_told(expression: str, problem: str | None) -> None:
    assert cron.problem_with(expression) == problem


@given(st.integers(0, 59), st.integers(0, 23), st.integers(1, 28), st.integers(1, 12), st.integers(0, 7))
def test_every_moment_of_a_year_can_be_a_schedule(minute: int, hour: int, day: int, month: int, weekday: int) -> None:
    assert cron.problem_with(f"{minute} {hour} {day} {month} {weekday}") is None


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_a_schedule(text: str) -> None:
    problem = cron.problem_with(text)

    assert problem is None or problem.isprintable() or not text.isprintable()


@pytest.mark.parametrize(
    ("expression", "last", "next"),
    [
        ("30 12 * * *", "2026-11-28T12:30", "2026-11-29T12:30"),
        ("31 12 * * *", "2026-11-27T12:31", "2026-11-28T12:31"),
        ("0 3 * * 1", "2026-11-23T03:00", "2026-11-30T03:00"),
        ("0 3 * * sun", "2026-11-22T03:00", "2026-11-29T03:00"),
        ("0 3 * * 7", "2026-11-22T03:00", "2026-11-29T03:00"),
        ("*/20 10-12 * * *", "2026-11-28T12:20", "2026-11-28T12:40"),
        ("5/20 * * * *", "2026-11-28T12:25", "2026-11-28T12:45"),
        ("0 0 13 * fri", "2026-11-27T00:00", "2026-12-04T00:00"),
        ("0 0 */30 * fri", "2026-07-31T00:00", "2027-01-01T00:00"),
        ("0 0 29 feb *", "2024-02-29T00:00", "2028-02-29T00:00"),
    ],
)
def test_a_schedule_fires_at_its_moments(expression: str, last: str, next: str) -> None:
    schedule = cron.parse(expression)

    assert (schedule.latest(after=LONG_AGO, until=NOW), schedule.next(NOW)) == (at(last), at(next))


def test_nothing_fires_between_a_moment_and_itself_or_one_before() -> None:
    schedule = cron.parse("* * * * *")

    assert schedule.latest(after=NOW, until=NOW) is None
    assert schedule.latest(after=NOW + timedelta(days=2), until=NOW) is None


def test_a_text_that_is_no_schedule_is_not_read() -> None:
    with pytest.raises(ValueError, match="month 2 has no day 31"):
        cron.parse("0 3 31 2 *")


@given(
    st.sampled_from(["*", "7", "*/9", "10-20"]), st.sampled_from(["*", "3", "*/5"]), st.sampled_from(["*", "1,15"]),
    st.sampled_from(["*", "2"]), st.sampled_from(["*", "mon-fri", "0"]), st.integers(0, 60 * 24 * 400),
)  # fmt: skip
def test_the_last_firing_is_the_next_one_after_the_minute_before_it(
    minute: str, hour: str, day: str, month: str, weekday: str, ago: int
) -> None:
    schedule = cron.parse(f"{minute} {hour} {day} {month} {weekday}")
    last = schedule.latest(after=LONG_AGO, until=NOW - timedelta(minutes=ago))

    assert last is not None
    assert schedule.next(last - timedelta(minutes=1)) == last
    following = schedule.next(last)
    assert following is not None
    assert following > NOW - timedelta(minutes=ago)
