"""How a check asks many rules about many resources. What the rules say is proved by their own cases."""

from __future__ import annotations

from groundplan.policies import checking
from groundplan.policies.catalogue import ours
from groundplan.policies.checking import Check
from groundplan.policies.conditions import is_set
from groundplan.policies.finding import Count
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.rule import ResourceRule, Severity

MANY = 1234
ACCOUNT, BUCKET = "azure-native:storage:StorageAccount", "gcp:storage/bucket:Bucket"


def rule(*types: str, id: str = "ACME-01") -> ResourceRule:
    return ResourceRule(
        id=id, title="", severity=Severity.LOW, scope="resource", types=types, check=is_set("owner"), failing=(),
        passing=(),
    )  # fmt: skip


def graph(count: int) -> Graph:
    kinds = (ACCOUNT, BUCKET)
    return Graph(plain.resources([{"type": kinds[number % 2], "name": f"n{number}"} for number in range(count)]))


def test_every_resource_meets_every_rule_once_however_many_there_are() -> None:
    rules = {"ACME-01": rule(ACCOUNT), "ACME-02": rule("*", BUCKET, id="ACME-02"), "ACME-03": rule("x:*", id="ACME-03")}

    report = checking.run(Check(rules=rules, graph=graph(MANY)))

    assert report.counts == {"ACME-01": Count(failed=MANY // 2), "ACME-02": Count(failed=MANY), "ACME-03": Count()}
    assert len({(one.rule.id, one.urn) for one in report.findings}) == len(report.findings) == MANY // 2 + MANY


def test_findings_stand_in_the_same_order_whatever_the_order_of_the_resources() -> None:
    resources = graph(MANY).resources

    reports = [checking.run(Check(rules=ours(), graph=Graph(some))) for some in (resources, resources[::-1])]

    assert reports[0].findings == reports[1].findings
