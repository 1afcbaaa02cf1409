"""How long a call to a cloud is waited for, and when it is asked again."""

from __future__ import annotations

import time

import pytest
from groundplan.core.errors import TimeoutReachedError
from groundplan.lifecycle.patience import Again, Pace, Patience


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


class Failing:
    """Fails so many times, then answers."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise OSError("no answer")
        return "here"


def test_pauses_double_up_to_the_longest(pauses: list[float]) -> None:
    patience = Patience(seconds=600, pace=Pace(first_seconds=1, longest_seconds=5))

    answer = patience.call(Failing(5), lambda _: Again(), doing="look")

    assert (answer, pauses) == ("here", [1, 2, 4, 5, 5])


def test_the_service_may_say_how_long_to_wait(pauses: list[float]) -> None:
    answer = Patience(seconds=600).call(Failing(2), lambda _: Again(seconds=17), doing="look")

    assert (answer, pauses) == ("here", [17, 17])


def test_tries_end_and_the_last_error_is_raised(pauses: list[float]) -> None:
    with pytest.raises(OSError, match="no answer"):
        Patience(seconds=600, pace=Pace(tries=3)).call(Failing(9), lambda _: Again(), doing="look")

    assert len(pauses) == 2


def test_what_is_busy_is_waited_for_whatever_the_tries(pauses: list[float]) -> None:
    answer = Patience(seconds=600, pace=Pace(tries=1)).call(Failing(3), lambda _: Again(busy=True), doing="look")

    assert (answer, len(pauses)) == ("here", 3)


def test_what_is_no_use_to_repeat_is_raised_at_once(pauses: list[float]) -> None:
    with pytest.raises(OSError, match="no answer"):
        Patience(seconds=600).call(Failing(1), lambda _: None, doing="look")

    assert pauses == []


def test_a_pause_longer_than_the_time_that_is_left_is_not_begun(pauses: list[float]) -> None:
    with pytest.raises(TimeoutReachedError, match="look did not end before the time limit"):
        Patience(seconds=10).call(Failing(1), lambda _: Again(seconds=11), doing="look")

    assert pauses == []


def test_a_thousand_looks_are_no_trouble(pauses: list[float]) -> None:
    looks = iter([*[False] * 2000, True])

    Patience(seconds=600, pace=Pace(first_seconds=0.01, longest_seconds=0.01)).until(lambda: next(looks), doing="look")

    assert set(pauses) == {0.01}
