"""What is new at the end of a log that is fetched again and again."""

from __future__ import annotations

import pytest
from groundplan.cli.log_following import added
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.text(max_size=3), min_size=1), st.lists(st.text(max_size=3)), st.integers(min_value=0, max_value=5))
def test_lines_that_differ_from_each_other_come_once_each(seen: list[str], new: list[str], gone: int) -> None:
    before = [f"{number} {line}" for number, line in enumerate(seen)]
    coming = [f"new {number} {line}" for number, line in enumerate(new)]
    gone = min(gone, len(before) - 1)

    assert added(before, [*before[gone:], *coming]) == coming


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], ["a", "b"], ["a", "b"]),
        (["a"], [], []),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        (["a", "a"], ["a", "a", "a"], ["a"]),
    ],
)
def test_a_log_that_was_empty_or_moved_on_shows_what_it_has(
    before: list[str], after: list[str], new: list[str]
) -> None:
    assert added(before, after) == new
