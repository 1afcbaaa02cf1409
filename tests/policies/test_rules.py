"""Every rule on its own examples and on the cases written for it. Proves nothing of what a cloud does with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from groundplan.policies import catalogue, examples, rules
from groundplan.policies.rule import Example, ResourceRule, Rule

from rule_cases import FOLDER, Case, all_cases

RULES = list(catalogue.ours().values())


FILES = Path(rules.__path__[0])


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in all_cases()])
def test_a_rule_says_what_its_case_asks_for(case: Case) -> None:
    said = examples.outcome(case.rule, case.example)

    assert said.verdict == case.verdict, said
    assert case.path in (None, said.path)
    assert case.found in (None, said.found)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES])
def test_a_rule_stands_in_a_file_that_its_id_names_and_tells_what_why_and_how(rule: Rule) -> None:
    files = [path.stem for path in FILES.glob(f"{rule.id.lower().replace('-', '_')}_*.py")]
    heads = [head for head, _text in catalogue.paragraphs(rule.manual)]

    assert len(files) == 1
    assert [head for head in heads if head in ("What", "Why", "Fix")] == ["What", "Why", "Fix"]
    assert len(rule.title) <= 100
    assert "governance" in rule.packs or "hardened" in rule.packs


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem not in catalogue.ours()) == []


def test_an_unknown_value_is_never_a_pass() -> None:
    """Of each rule about one resource whose first failing example names a property: that property unknown."""
    passed = [rule.id for rule, said in _with_unknown() if said == "pass"]

    assert passed == []


def _with_unknown() -> Iterator[tuple[Rule, str]]:
    sign = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    for rule in RULES:
        if not isinstance(rule, ResourceRule) or rule.scope != "resource" or len(rule.failing[0].resources) != 1:
            continue
        said = examples.outcome(rule, rule.failing[0])
        if not said.path or "[" in said.path:
            continue
        resource = rule.failing[0].resources[0]
        given = cast("dict[str, object]", resource["properties"])
        example = Example(
            name="unknown", resources=[{**resource, "properties": _put(given, said.path.split("."), sign)}]
        )
        yield rule, str(examples.outcome(rule, example).verdict)


def _put(value: dict[str, object], steps: list[str], leaf: str) -> dict[str, object]:
    first, *rest = steps
    if not rest:
        return {**value, first: leaf}
    return {**value, first: _put(cast("dict[str, object]", value.get(first, {})), rest, leaf)}
