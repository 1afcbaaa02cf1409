"""Escaped text: a Markdown parser reads the text back wherever it stands, and common text keeps its looks."""

from __future__ import annotations

import pytest
from groundplan.core.markdown import escaped
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

HOSTILE = (
    "# title", "## x ##", "- item", "+ item", "* item", "---", "===", "- - -", ":-:", "1. item", "2)", "> quote", "_x_",
    "__x__", "a_b_ c", "snake_case_name", "*b* **c**", "~~gone~~", "~~~", "```", "`code`", "[x](http://evil)",
    "[x]: /y", "![x](y)", "<script>alert(1)</script>", "<!-- x -->", "<http://evil>", "a < b > c", "&lt;",
    "& &#65; &amp", "a | b", "\\", "\\\\|", "C:\\Users\\_x", "\\# no", "one\ntwo", "    four", "|---|", "x\\|y", "C #",
    "#", "_", "a&", "a<",
)  # fmt: skip
PIECES = st.lists(st.sampled_from([*"#-+=*_~`[]()<>|&;!:\\.0aé \n", "1.", "&lt;", "http://x", "<b>"]), max_size=14)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), PIECES.map("".join))
PLACES = ("{}", "Before {} after", "# {}", "> Reason: {}.", "Above\n{}\nbelow", "| head | b |\n|---|---|\n| {} | x |")


def spoken(markdown: str) -> tuple[str, set[str]]:
    """The text that a reader sees, without its spaces, and the kinds of markup that it stands in."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    inline = [child for token in tokens for child in token.children or []]
    kinds = {child.type for child in inline} - {"text", "text_special", "softbreak"}
    return "".join("".join(child.content for child in inline).split()), kinds | {token.type for token in tokens}


@pytest.mark.parametrize("place", PLACES)
@given(TEXTS)
def test_any_text_is_shown_as_it_is_in_every_place(place: str, text: str) -> None:
    read_back(place, text)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_it_is_in_every_place(place: str, text: str) -> None:
    read_back(place, text)


def read_back(place: str, text: str) -> None:
    plain = "".join(text.replace("\0", "\ufffd").split())
    around, usual = spoken(place.format("X"))

    seen, kinds = spoken(place.format(escaped(text)))

    assert seen == around.replace("X", plain)
    assert kinds <= usual


@example("")
@given(TEXTS)
def test_it_is_one_line(text: str) -> None:
    assert escaped(text).splitlines() in ([], [escaped(text)])


@pytest.mark.parametrize(
    "text",
    ["0.9649", "roc_auc", "equalized_odds_difference", "(569 rows, from scikit-learn).", "-0.5", "v1.2-rc", "a - b",
     "x > 3, y < 4 and z <= 5", "R&D & Co.", "C:\\data", "team@example.org", "2026-01-01T00:00:00.000Z", "50 %", "+1"],
)  # fmt: skip
def test_text_that_is_no_markup_stays_as_it_is(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("<b>", "&lt;b>"), ("a | b", "a \\| b"), ("# t", "\\# t"), ("1. x", "1\\. x"), ("_x_", "\\_x\\_"),
     ("&lt;", "&amp;lt;"), ("[x](y)", "\\[x\\](y)"), ("a\\*b", "a\\\\\\*b"), ("one\ntwo", "one two")],
)  # fmt: skip
def test_markup_gets_the_least_that_it_takes(text: str, shown: str) -> None:
    assert escaped(text) == shown
