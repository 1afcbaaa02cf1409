"""The text of a config: what YAML may hold, its limits, and that each refusal has its place.

Speed is not measured here; the limits on bytes, depth, values and text are what bounds it.
"""

from __future__ import annotations

import codecs
import contextlib
import os
from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError, GroundplanError, Problem
from groundplan.stacks.config.loading import load_file, load_text
from groundplan.stacks.config.reading import read
from groundplan.stacks.config.tree import Source
from hypothesis import given
from hypothesis import strategies as st

GOOD = b"project: churn\nplatform: local\n"
LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n".encode()
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refusal(path: Path, content: bytes) -> tuple[str, str]:
    """Where and what the first problem is."""
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read(path.parent)
    problem = caught.value.problems[0]
    return problem.where.rpartition("groundplan.yaml")[2], problem.message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "groundplan.yaml"


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        (GOOD + b"data:\n\ttarget: x\n", ":4:1", "a tab stands where YAML allows only spaces"),
        (GOOD + b"platform: vertex\n", ":3:1", "the key 'platform' stands twice; first on line 2"),
        (GOOD + b"---\na: 1\n", ":3:1", "a second document starts here; a config is one document"),
        (GOOD + b"owner: a: b\n", ":3:9", "a ':' stands where no key can be"),
        (GOOD + b'owner: "abc\n', ":3:8", "a quote is not closed"),
        (GOOD + b"team: {a: [b\n", ":3:11", "a bracket is not closed, or a comma is missing"),
        (GOOD + b"? [a]\n: b\n", ":3:3", "a key is a plain word"),
        (GOOD + b"owner: *nobody\n", ":3:8", "the alias *nobody names no anchor before it"),
        (b"a: &a [*a]\n", ":1:8", "the alias *a names no anchor before it"),
        (GOOD + b"data: &d {}\nmore:\n  <<: *d\n", ":5:3", "merge keys ('<<') are not supported"),
        (
            GOOD + b"owner: !!python/object/apply:os.system [x]\n",
            ":3:8",
            "the tag !!python/object/apply:os.system is not allowed; a config holds plain values only",
        ),
        (GOOD + b"owner: !env x\n", ":3:8", "the tag !env is not allowed; a config holds plain values only"),
        (b"", ":1:1", "the config is empty"),
        (b"# nothing yet\n", ":1:1", "the config is empty"),
        (b"- a\n", ":1:1", "the config is not a mapping of keys"),
        (b"churn\n", ":1:1", "the config is not a mapping of keys"),
        (LAUGHS, ":5:8", "the config has more than 10,000 values, aliases counted as often as used"),
        (GOOD + b"owner: " + b"[" * 5000 + b"]" * 5000, ":3:58", "the config is nested more than 50 levels deep"),
        (GOOD + b"owner: " + b"x" * 20_000, ":3:8", "a text of more than 10,000 characters"),
    ],
)
def test_what_is_no_config_is_refused_at_its_place(path: Path, content: bytes, where: str, message: str) -> None:
    assert refusal(path, content) == (where, message)


@pytest.mark.parametrize(
    ("content", "where", "end"),
    [
        (codecs.BOM_UTF16_LE + GOOD.decode().encode("utf-16-le"), "", "is written in UTF-16"),
        (codecs.BOM_UTF16_BE + GOOD.decode().encode("utf-16-be"), "", "is written in UTF-16"),
        (GOOD.decode().encode("utf-16-le"), ":1:2", "holds the unprintable character U+0000"),
        (GOOD + b"owner: a\0b\n", ":3:9", "holds the unprintable character U+0000"),
        (GOOD + "owner: é".encode() + b"\xe9\n", ":3:9", "is not UTF-8 text"),
        (GOOD + b"#" * 10_000_000, ":1:1", "has 10.0 MB; a config has at most 1 MB"),
        (GOOD + b"#" * 50_000_000, ":1:1", "has 50.0 MB; a config has at most 1 MB"),
    ],
)
def test_bytes_that_are_no_text_are_refused(path: Path, content: bytes, where: str, end: str) -> None:
    found, message = refusal(path, content)

    assert (found, message[-len(end) :]) == (where, end)


@pytest.mark.parametrize("content", [codecs.BOM_UTF8 + GOOD, GOOD.replace(b"\n", b"\r\n"), b"---\n" + GOOD + b"...\n"])
def test_byte_order_marks_line_ends_and_document_marks_do_not_matter(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    assert read(path.parent).config.project == "churn"


@pytest.mark.parametrize(
    "text", ["012", "-012", "1_000", "0o17", "0x1F", "0b1", ".nan", ".inf", "-.Inf", "9" * 30, "1e999"]
)
def test_numbers_that_programs_read_differently_are_errors(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(Source(name="x", text=f"a: {text}"))

    assert [problem.where for problem in caught.value.problems] == ["x:1:4"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("2026-01-31", "2026-01-31"), ("'012'", "012"), ("1.20.3", "1.20.3"),
        ("12:30:45", "12:30:45"),
        ("true", True), ("~", None), ("", None), ("''", ""), ("0", 0), ("-3", -3), ("1e3", 1000.0),
        (".5", 0.5), ("=", "="),
    ],
)  # fmt: skip
def test_plain_values_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    found = load_text(Source(name="x", text=f"a: {text}")).children["a"].content

    assert (found, type(found)) == (value, type(value))


def test_an_alias_repeats_its_value_at_its_own_place() -> None:
    tree = load_text(Source(name="x", text="a: &a {b: 1}\nc: *a\n"))

    assert tree.plain() == {"a": {"b": 1}, "c": {"b": 1}}
    assert tree.children["c"].where == "x:2:4"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
def test_a_config_that_is_no_file_is_refused_without_being_opened(path: Path) -> None:
    os.mkfifo(path)

    with pytest.raises(ConfigError, match="is not a file"):
        load_file(path, "groundplan.yaml")


@given(st.binary(max_size=300))
def test_no_bytes_give_anything_but_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "random" / "groundplan.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with contextlib.suppress(GroundplanError):
        assert read(path.parent).config.project


@given(st.text(alphabet="ab:-[]{},&*!#|>'\"%@` \n\t?<=01.~", max_size=80))
def test_no_text_made_of_yamls_own_characters_gives_anything_but_an_error_of_ours(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        load_text(Source(name="x", text=text))
    except ConfigError as error:
        problems = error.problems

    assert all(problem.where.startswith("x:") for problem in problems)
