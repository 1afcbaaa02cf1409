"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from groundplan.core import clock
from hypothesis import given
from hypothesis import strategies as st


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_what_is_written_is_read_back_to_the_millisecond(moment: datetime) -> None:
    read = clock.from_text(clock.to_text(moment))

    assert abs((read - moment).total_seconds()) < 0.001


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2))
def test_text_sorts_as_it_happened(moments: list[datetime]) -> None:
    early, late = sorted(moments)

    assert clock.to_text(early) <= clock.to_text(late)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="without its offset"):
        clock.from_text("2026-11-21T07:32:00")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (12.4, "12 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")]
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert clock.duration(seconds) == text
