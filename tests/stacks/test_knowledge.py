"""Every entry of the knowledge base: its messages are its own, its commands exist.

What this cannot prove: that a cloud still words its errors so; each entry names where its words come from.
"""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from groundplan.cli.main import groundplan
from groundplan.core.errors import NotFoundError
from groundplan.stacks.knowledge import Entry, catalogue, entries, entry, explain
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = [(one.code, example) for one in entries() for example in one.examples]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_a_recorded_message_matches_its_own_entry_and_no_other(code: str, example: str) -> None:
    plain = " ".join(example.split())

    assert [one.code for one in entries() if one.position(plain) is not None] == [code]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_a_message_is_explained_among_the_engine_s_own_lines(code: str, example: str) -> None:
    said = f"Updating (dev):\n +  azure-native:x:Y name creating (0s)\n\n    {example}\n\nResources:\n    1 errored\n"

    found = explain(said)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("one", entries(), ids=lambda one: one.code)
def test_an_entry_is_complete(one: Entry) -> None:
    assert re.fullmatch(r"[A-Z][A-Z_]+", one.code)
    assert all([one.title, one.cause, one.steps, one.examples, one.patterns, one.source])
    unseen = [
        each.pattern for each in one.patterns if not any(each.search(" ".join(text.split())) for text in one.examples)
    ]
    assert unseen == [], "a pattern that no recorded message needs"
    assert set(one.platforms) <= {"azureml", "vertex"}
    assert one.platforms


def test_a_file_is_named_like_the_entry_in_it() -> None:
    folder = Path(catalogue.__file__).parent / "entries"

    assert sorted(path.stem.upper() for path in folder.iterdir()) == [one.code for one in entries()]
    assert len(entries()) >= 40


@pytest.mark.parametrize(
    "command",
    sorted({step for one in entries() for step in one.commands if step.startswith("groundplan ")}),
)
def test_a_command_that_an_entry_names_exists(command: str) -> None:
    context = click.Context(groundplan, info_name="groundplan")
    found: click.Command | None = groundplan
    for word in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.get_command(context, word)
        assert found is not None, f"there is no command: {command}"

    assert found is not None


def test_a_code_is_found_however_it_is_written() -> None:
    assert entry("google-quota") is entry("GOOGLE_QUOTA")


def test_a_code_that_is_nearly_one_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError) as caught:
        entry("AZURE_CORE_QUTA")

    assert caught.value.hint == "Did you mean 'AZURE_CORE_QUOTA'?"


def test_a_message_that_nobody_wrote_down_is_not_explained() -> None:
    assert explain("the sky is green today") is None


@given(st.text(max_size=2000))
def test_no_text_is_too_strange_to_be_looked_at(text: str) -> None:
    assert explain(text) is None or isinstance(explain(text), Entry)


def test_a_huge_text_is_looked_at_quickly_because_only_its_beginning_is() -> None:
    assert explain("a" * 10_000_000 + " incorrect passphrase") is None
