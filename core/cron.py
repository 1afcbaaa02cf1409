"""Five cron fields in UTC: minute, hour, day of the month, month, day of the week; what is wrong, when they fire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?P<first>\*|[0-9a-z]+)(?:-(?P<last>[0-9a-z]+))?(?:/(?P<step>[0-9]+))?")
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FAR = 40 * 366
"""Days after which a schedule is not searched further: 29 February on a given weekday comes once in 40 years."""


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A schedule as sets of numbers; Sunday is 0.

    ``either``: both days are restricted, and one of them suffices. A field that begins with ``*`` restricts nothing.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def latest(self, *, after: datetime, until: datetime) -> datetime | None:
        """The last moment after ``after`` at which it fires, ``until`` included; None without one."""
        for back in range(min(_FAR, (until.date() - after.date()).days + 1)):
            for moment in reversed(list(self._on(until.date() - timedelta(days=back)))):
                if after < moment <= until:
                    return moment
        return None

    def next(self, after: datetime) -> datetime | None:
        """The first moment after ``after`` at which it fires; None when it never does."""
        for ahead in range(_FAR):
            for moment in self._on(after.date() + timedelta(days=ahead)):
                if moment > after:
                    return moment
        return None

    def _on(self, day: date) -> Iterator[datetime]:
        if self._fits(day):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    yield datetime.combine(day, time(hour, minute), UTC)

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (of_month or of_week) if self.either else (of_month and of_week)


def parse(expression: str) -> Cron:
    """The schedule that five cron fields mean. Raises ValueError with what ``problem_with`` says."""
    if (problem := problem_with(expression)) is not None:
        raise ValueError(problem)
    fields = expression.split(" ")
    sets = [
        frozenset(number for part in text.split(",") for number in _numbers(part, low, high, words))
        for text, (_, low, high, words) in zip(fields, _FIELDS, strict=True)
    ]
    return Cron(
        minutes=sets[0], hours=sets[1], days=sets[2], months=sets[3], weekdays=frozenset(day % 7 for day in sets[4]),
        either=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )  # fmt: skip


def problem_with(expression: str) -> str | None:
    """Why five cron fields never fire or mean nothing, or None."""
    fields = expression.split(" ")
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} fields; five are needed"
    for text, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if problem := _problem_with_part(part, name, low, high, words):
                return problem
    return _problem_with_date(fields[2], fields[3], fields[4])


def _problem_with_part(part: str, name: str, low: int, high: int, words: tuple[str, ...]) -> str | None:
    found = _PART.fullmatch(part.lower())
    if found is None or (found["first"] == "*" and found["last"] is not None):
        return f"the {name} {part!r} is neither a number, nor a range, nor *"
    if found["step"] is not None and not 1 <= int(found["step"]) <= high:
        return f"the {name} {part!r} steps by {found['step']}"
    ends = [_number(text, low, words) for text in (found["first"], found["last"]) if text not in (None, "*")]
    if any(number is None or not low <= number <= high for number in ends):
        return f"the {name} {part!r} is not from {low} to {high}"
    if len(ends) == 2 and (ends[0] or 0) > (ends[1] or 0):
        return f"the {name} {part!r} ends before it starts"
    return None


def _numbers(part: str, low: int, high: int, words: tuple[str, ...]) -> range:
    """What a part without a problem stands for; ``5/15`` goes on to the end of the field."""
    ends, _, step = part.lower().partition("/")
    if ends == "*":
        return range(low, high + 1, int(step or 1))
    first, _, last = ends.partition("-")
    start = _number(first, low, words)
    end = _number(last, low, words) if last else high if step else start
    assert start is not None and end is not None  # noqa: S101, PT018 the part has no problem
    return range(start, end + 1, int(step or 1))


def _number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text in words:
        return words.index(text) + low
    return int(text) if text.isdecimal() else None


def _problem_with_date(day: str, month: str, weekday: str) -> str | None:
    """Days that none of the months has, such as 30 February; a restricted weekday fires all the same."""
    if not weekday.startswith("*") and not day.startswith("*"):
        return None
    days, months = (
        {number for part in text.split(",") for number in _numbers(part, low, high, words)}
        for text, (_, low, high, words) in zip((day, month), _FIELDS[2:4], strict=True)
    )
    if min(days) <= max(_DAYS_OF_MONTHS[one - 1] for one in months):
        return None
    return f"month {month} has no day {day}"
