"""The conditions that rules are made of, on values that rules' own examples seldom hold."""

from __future__ import annotations

import pytest
from groundplan.policies.conditions import differs, equals, outcomes_of
from groundplan.policies.graph import Graph
from groundplan.policies.outcome import Outcome, Verdict
from groundplan.policies.resource import Resource
from groundplan.policies.rule import Check, Facts


def said(check: Check, value: object) -> Outcome:
    resource = Resource(urn="urn", type="t", token="t", name="n", properties={"p": value})
    return next(iter(outcomes_of(check(resource, Facts(graph=Graph(()))))))


@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_a_list_or_mapping_is_none_of_the_values_that_a_text_may_have(value: object) -> None:
    assert said(equals("p", "a"), value).verdict is Verdict.FAIL
    assert said(differs("p", "a"), value).verdict is Verdict.PASS
