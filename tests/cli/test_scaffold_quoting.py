"""Answers come out as data in every file type, whatever they hold: a property over all texts."""

from __future__ import annotations

import ast
import json
import tomllib
from typing import Any

import pytest
from groundplan.cli.scaffold.quoting import FILTERS
from groundplan.cli.scaffold.rendering import render
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
HOSTILE = [
    "{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "${{ secrets.X }}", "$(id)", "a: b # c", "- x", "yes", "null", "012",
    "&a *b", "!!python/object:os.system", "it's \"quoted\"", "line\nbreak\r\n---\n", "\u202eabc", "\U0001f600",
    "\x85\u2028", "\\", "`rm -rf`", "<script>", "# heading", "1. list", "[x](javascript:1)", "*", "\ufeff", "", " ",
    "%YAML", "1e3",
]  # fmt: skip


def hostile(function: Any) -> Any:
    for text in HOSTILE:
        function = example(text)(function)
    return function


@hostile
@given(TEXTS)
def test_python_reads_back_what_was_answered(text: str) -> None:
    assert ast.literal_eval(render("{{ x | python }}", {"x": text}, where="t")) == text


@hostile
@given(TEXTS)
def test_yaml_reads_back_what_was_answered(text: str) -> None:
    rendered = render("first: {{ x | yaml }}\nlist:\n  - {{ x | yaml }}\n", {"x": text}, where="t")
    reader: Any = YAML(typ="safe", pure=True)
    assert reader.load(rendered) == {"first": text, "list": [text]}


@hostile
@given(TEXTS)
def test_toml_and_json_read_back_what_was_answered(text: str) -> None:
    assert tomllib.loads(render("x = {{ x | toml }}\n", {"x": text}, where="t")) == {"x": text}
    assert json.loads(render("{{ x | json }}", {"x": text}, where="t")) == text


@hostile
@given(TEXTS)
def test_markdown_shows_what_was_answered_on_one_line_and_as_text_only(text: str) -> None:
    tokens = MarkdownIt().parse(f"Before {render('{{ x | markdown }}', {'x': text}, where='t')} after")
    (inline,) = [token for token in tokens if token.type == "inline"]
    shown = "".join(child.content for child in inline.children or [])
    expected = " ".join(text.replace("\0", "\ufffd").split())
    assert [child.type for child in inline.children or [] if child.type not in {"text", "text_special"}] == []
    assert shown.split() == f"Before {expected} after".split()


@hostile
@given(TEXTS)
def test_a_comment_stays_on_its_line(text: str) -> None:
    rendered = render("x = 1  # {{ x | comment }}\n", {"x": text}, where="t")
    assert rendered.splitlines() == [rendered[:-1]]


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_numbers_keep_their_value_and_type(whole: int, real: float, truth: bool) -> None:
    for value in (whole, real, truth):
        assert ast.literal_eval(FILTERS["python"](value)) == value
        assert json.loads(FILTERS["json"](value)) == value
        assert tomllib.loads(f"x = {FILTERS['toml'](value)}")["x"] == value


@pytest.mark.parametrize("value", [0.2, 1.0, 1e-06, 1e22, 42, True, "yes", "1.0", "churned"])
def test_yaml_scalars_keep_their_type(value: object) -> None:
    reader: Any = YAML(typ="safe", pure=True)
    read = reader.load(f"x: {FILTERS['yaml'](value)}")["x"]
    assert (read, type(read)) == (value, type(value))
