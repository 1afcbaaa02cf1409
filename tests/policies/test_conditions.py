"""The conditions that rules are made of, on values that rules' own examples seldom hold."""

from __future__ import annotations

import pytest
from groundplan.policies import checking
from groundplan.policies.conditions import differs, equals, outcomes_of, referenced
from groundplan.policies.finding import Count
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.outcome import PASS, Outcome, Verdict, failed, unknown
from groundplan.policies.resource import Resource
from groundplan.policies.rule import Check, Facts, ResourceRule, Said, Severity


def said(check: Check, value: object) -> Outcome:
    resource = Resource(urn="urn", type="t", token="t", name="n", properties={"p": value})
    return next(iter(outcomes_of(check(resource, Facts(graph=Graph(()))))))


@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_a_list_or_mapping_is_none_of_the_values_that_a_text_may_have(value: object) -> None:
    assert said(equals("p", "a"), value).verdict is Verdict.FAIL
    assert said(differs("p", "a"), value).verdict is Verdict.PASS


MANY = 300
ACCOUNT, SERVICE = "azure-native:storage:StorageAccount", "x:y:Service"


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (PASS, Count(passed=MANY)),
        (failed("p", "a", "b"), Count(failed=MANY)),
        (unknown("p", "b"), Count(unknown=MANY)),
    ],
)
def test_what_refers_to_a_name_is_judged_once_however_many_share_the_name(answer: Outcome, count: Count) -> None:
    judged: list[str] = []

    def by(resource: Resource, _facts: Facts) -> Said:
        judged.append(resource.name)
        return answer

    rule = ResourceRule(
        id="ACME-01", title="", severity=Severity.LOW, scope="graph", types=(ACCOUNT,), failing=(), passing=(),
        check=referenced(SERVICE, "of", "a service", by=by),
    )  # fmt: skip
    accounts = [_of(ACCOUNT, number, accountName="shared") for number in range(MANY)]
    services = [_of(SERVICE, number, of="shared") for number in range(MANY)]

    report = checking.run(checking.Check(rules={rule.id: rule}, graph=Graph(plain.resources([*accounts, *services]))))

    assert report.counts == {"ACME-01": count}
    assert judged == [str(one["name"]) for one in services]


def test_the_first_that_refers_to_it_is_named_when_none_does_what_is_asked() -> None:
    resources = [_of(ACCOUNT, 0, accountName="a"), *(_of(SERVICE, one, of="a", on=False) for one in (1, 2))]
    check = referenced(SERVICE, "of", "a service that is on", by=equals("on", True))

    graph = Graph(plain.resources(resources))
    said = check(graph.of(ACCOUNT)[0], Facts(graph=graph))

    assert said == Outcome(verdict=Verdict.FAIL, path="1: on", found="false", expected="a service that is on")


def _of(type: str, number: int, **properties: object) -> dict[str, object]:
    return {"type": type, "name": f"{number}", "environment": f"e{number}", "properties": properties}
