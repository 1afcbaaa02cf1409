"""What is wrong is noted, and everything else goes on."""

import pytest
from groundplan.core.errors import ConfigError, PolicyError, Problem, UsageError
from groundplan.core.noting import Noted


def halved(text: str) -> int:
    if int(text) % 2:
        raise UsageError(f"{text} is odd", where=text, hint="Take another.")
    return int(text) // 2


def test_what_can_be_made_is_made_and_the_rest_is_refused_in_one_error() -> None:
    noted = Noted()

    assert noted.each(["1", "2", "3"], halved) == {"2": 1}
    with noted.noting():
        raise ConfigError.of([Problem(message="a"), Problem(message="b")])
    with pytest.raises(UsageError) as caught:
        noted.refuse()

    assert [(one.message, one.where, one.hint) for one in caught.value.problems] == [
        ("1 is odd", "1", "Take another."), ("3 is odd", "3", "Take another."), ("a", "", ""), ("b", "", ""),
    ]  # fmt: skip


def test_without_a_problem_nothing_is_refused() -> None:
    Noted().refuse()


def test_what_is_no_fault_of_the_config_is_not_held_back() -> None:
    with pytest.raises(PolicyError), Noted().noting():
        raise PolicyError("no")
