"""The JSON of every command: the standard library's, but long lists have an entry a line."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.json_text import LONG, Lines, encoded, pieces


class Word(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        (),
        None,
        "ä\n\"'",
        {"a": {"b": [1, 2.5, True, None, {"c": ()}], "d": {}}, "ü\t": [], "e": [[1], [{"f": "g"}]]},
        {"path": Path("a/b"), "word": Word.ONE, "pair": (1, 2)},
        list(range(LONG)),
    ],
)
def test_a_short_value_is_written_as_the_standard_library_does(value: Any) -> None:
    assert "".join(pieces(value)) == json.dumps(value, indent=2, ensure_ascii=False, default=str)


def test_a_long_list_has_an_entry_on_each_line() -> None:
    value = {"a": [{"b": [number]} for number in range(LONG + 1)]}

    lines = "".join(pieces(value)).splitlines()

    assert json.loads("".join(lines)) == value
    assert lines[:3] == ["{", '  "a": [', '    {"b": [0]},']
    assert lines[-3:] == [f'    {{"b": [{LONG}]}}', "  ]", "}"]


def test_what_comes_one_by_one_is_a_list_of_lines() -> None:
    assert "".join(pieces({"a": iter([{"b": 1}, 2])})) == '{\n  "a": [\n    {"b": 1},\n    2\n  ]\n}'
    assert "".join(pieces({"a": iter([])})) == '{\n  "a": []\n}'


def test_lines_that_are_json_already_are_written_as_they_are() -> None:
    value = [{"b": "ä"}, 2]

    assert "".join(pieces({"a": Lines(map(encoded, value))})) == "".join(pieces({"a": iter(value)}))
