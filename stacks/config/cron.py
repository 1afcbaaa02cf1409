"""Five cron fields, judged by themselves: minute, hour, day of the month, month, day of the week."""

from __future__ import annotations

import re

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


def _number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text in words:
        return words.index(text) + low
    return int(text) if text.isdecimal() else None


def _problem_with_date(day: str, month: str, weekday: str) -> str | None:
    """A single day that a single month does not have, such as 30 February."""
    if weekday != "*" or not (day.isdecimal() and month.isdecimal()):
        return None
    longest = _DAYS_OF_MONTHS[int(month) - 1]
    return f"month {month} has no day {day}" if int(day) > longest else None
