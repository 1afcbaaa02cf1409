"""Every environment has a budget that warns in time.

What: a budget is there for the environment of each Azure ML workspace (of its resource group or its subscription) and
of each project or metadata store of Google Cloud. Each budget tells somebody at the setting ``early`` (80 percent) or
before, and at 100; its amount does not exceed the setting ``cap``, where that is above 0.

Why: machines for learning cost more in a night than an office in a month; nobody reads the bill before it is there.

Fix: write ``budget: {amount: 500, contacts: [finance@example.com]}`` in groundplan.yaml, on Google Cloud
``account.billing_account`` too.

Decided: a budget without an environment of its own, such as one of the whole subscription, counts for every
environment. Feature stores and projects of a hub are within their environment's budget.
"""

from collections.abc import Iterator, Mapping

from ..conditions import number
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..project import entries, hides, is_hidden, mapping
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
STORE = "gcp:vertex/aiMetadataStore:AiMetadataStore"
PROJECT = "gcp:organizations/project:Project"
AZURE = "azure-native:consumption:Budget"
GOOGLE = "gcp:billing/budget:Budget"
_WITHIN = ("featurestore", "project")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type in (AZURE, GOOGLE):
        return [*_early_and_full(resource, facts), *_under_cap(resource, facts)]
    if str(resource.get("kind")).lower() in _WITHIN:
        return not_applicable("it is within the budget of its environment")
    budgets = facts.graph.of(AZURE if resource.type == WORKSPACE else GOOGLE)
    if any(_covers(one, resource) for one in budgets):
        return passed("", "a budget")
    return failed("", "no budget", f"a budget of {resource.environment or 'its environment'}")


def _covers(budget: Resource, resource: Resource) -> bool:
    if budget.environment in ("", resource.environment):
        return True
    scope = str(budget.get("scope")).lower()
    return budget.type == AZURE and scope.startswith("/subscriptions/") and scope.count("/") == 2


def _early_and_full(budget: Resource, facts: Facts) -> Iterator[Outcome]:
    path, shares = _thresholds(budget)
    early = facts.number("early")
    if shares is None:
        yield unknown(path, f"{early:g} and 100 percent")
        return
    asked = ((f"{early:g} percent or less", min(shares, default=999) <= early), ("100 percent", 100 in shares))
    for name, met in asked:
        told = ", ".join(f"{one:g}" for one in sorted(shares)) or "nothing"
        yield passed(path, told) if met else failed(path, told, f"a warning at {name}")


def _thresholds(budget: Resource) -> tuple[str, set[float] | None]:
    """The shares in percent at which somebody is told of what was spent; None where that is not known."""
    if budget.type == AZURE:
        notes = [mapping(one) for one in mapping(budget.get("notifications")).values()]
        told = [one.get("threshold") for one in notes if one.get("enabled") is not False]
        unsure = is_hidden(budget.get("notifications")) or any(is_hidden(one.get("enabled")) for one in notes)
        return "notifications", None if unsure or any(map(is_hidden, told)) else {number(one) for one in told}
    rules = budget.get("thresholdRules")
    shares = {round(number(one.get("thresholdPercent")) * 100, 4) for one in entries(rules)}
    return "thresholdRules", None if hides(rules) else shares


def _under_cap(budget: Resource, facts: Facts) -> Iterator[Outcome]:
    cap = facts.number("cap")
    path = "amount" if budget.type == AZURE else "amount.specifiedAmount.units"
    if cap <= 0:
        return
    amount = budget.get(path)
    if is_hidden(amount):
        yield unknown(path, f"at most {cap:g}")
    else:
        yield passed(path, amount) if number(amount) <= cap else failed(path, amount, f"at most {cap:g}")


def _azure(name: str, *shares: float, **more: object) -> Example:
    notes = {f"spent-{one:g}": {"enabled": True, "threshold": one} for one in shares}
    return example(name, AZURE, {"amount": 500, "notifications": notes}, **more)


def _google(name: str, *shares: float) -> Example:
    return example(name, GOOGLE, {"thresholdRules": [{"thresholdPercent": one} for one in shares]})


def _budget(environment: str, scope: str) -> Mapping[str, object]:
    return {"type": AZURE, "name": "budget", "environment": environment, "properties": {"scope": scope}}


_ML: Mapping[str, object] = {"type": WORKSPACE, "name": "ml", "properties": {}}

RULE = ResourceRule(
    id="MLG-040",
    title="Budget with alerts for every environment",
    severity=Severity.HIGH,
    scope="graph",
    types=(WORKSPACE, STORE, PROJECT, AZURE, GOOGLE),
    check=_check,
    relates_to=("NIST-AI-RMF GOVERN 1.6", "ISO-42001 A.4.2", "FinOps budget"),
    packs=("governance",),
    remedy="budget: {amount: 500, contacts: [finance@example.com]}",
    options={
        "early": Option(default=80, help="the share in percent at which, or before which, somebody is told"),
        "cap": Option(default=0, help="the largest amount that a budget may have, in its own currency; 0: any"),
    },
    failing=(
        Example(name="no budget", resources=[_ML]),
        Example(
            name="the budget of another environment",
            resources=[_ML, _budget("dev", "/subscriptions/s/resourceGroups/g")],
        ),
        Example(name="Google Cloud without one", resources=[{"type": STORE, "name": "store", "properties": {}}]),
        _azure("told when it is spent", 100),
        _azure("never told that it is spent", 50, 90),
        _google("told late", 0.9, 1),
        _azure("above the cap", 50, 100, settings={"cap": 400}),
    ),
    passing=(
        Example(name="its own budget", resources=[_ML, {"type": AZURE, "name": "prod", "properties": {}}]),
        Example(
            name="the subscription's budget",
            resources=[_ML, _budget("shared", "/subscriptions/s")],
        ),
        _azure("early and full", 50, 100, settings={"cap": 500}),
        _google("early and full", 0.5, 0.8, 1),
    ),
)
