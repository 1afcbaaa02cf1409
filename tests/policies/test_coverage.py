"""Every control of the published rule sets is answered by a rule, or is listed with the reason why none does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from groundplan.policies import catalogue
from groundplan.policies.published import NOT_COVERED

CATALOGUE = Path(__file__).parents[2].parent / "shared" / "POLICIES.md"
_ROW = re.compile(r"^\| ([A-Z]+-\d+) \| (.*) \|$", re.MULTILINE)
_REMARKS = re.compile(r"\((?:legacy type only|legacy|partial|gap)\)|\bkics\b")
_RANGE = re.compile(r"([A-Za-z0-9_-]*?)(\d+)\.\.(\d+)$")


def published() -> Iterator[tuple[str, str]]:
    """Each control of the catalogue's first part with each published id that its row names."""
    first = CATALOGUE.read_text(encoding="utf-8").partition("## Part 1")[2].partition("## Part 2")[0]
    for row in _ROW.finditer(first):
        sources = row[2].split(" | ")[5]
        remark = re.search(r"\(gap; (\S+) .*\)", sources)
        for word in [remark[1]] if remark else _REMARKS.sub(" ", sources).split():
            yield from ((row[1], id) for id in ids(word))


def ids(word: str) -> list[str]:
    """One id, those of a range such as ``AZU-0040..0043``, or articles with a comma between them."""
    found = _RANGE.match(word)
    if found:
        prefix, start, end = found.groups()
        return [f"{prefix}{number:0{len(start)}d}" for number in range(int(start), int(end) + 1)]
    first, *others = word.split(",")
    return [first, *(f"{first.partition(':')[0]}:{one}" for one in others)]


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue of published controls is not at hand")
def test_every_published_control_is_answered_or_has_a_reason() -> None:
    answered = {one.lower() for rule in catalogue.ours().values() for one in rule.covers}
    explained = {one.lower() for entry in NOT_COVERED.values() for one in entry.published}

    everything = list(published())
    silent = [(control, id) for control, id in everything if id.lower() not in answered | explained]

    assert silent == []
    assert len({control for control, _ in everything}) > 130


@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue of published controls is not at hand")
def test_every_control_has_a_rule_or_a_reason() -> None:
    controls = {row[1] for row in _ROW.finditer(CATALOGUE.read_text(encoding="utf-8").partition("## Part 2")[0])}

    assert controls - set(catalogue.ours()) - set(NOT_COVERED) == set()


def test_nothing_is_both_answered_and_not_covered() -> None:
    answered = {one.lower() for rule in catalogue.ours().values() for one in rule.covers}

    assert {id for entry in NOT_COVERED.values() for id in entry.published if id.lower() in answered} <= {"MCSB:PV-2"}
    assert all(len(entry.reason) >= 20 for entry in NOT_COVERED.values())
