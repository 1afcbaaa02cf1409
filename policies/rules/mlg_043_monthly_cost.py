"""What an environment costs by being there stays under its cap.

What: the sum of list prices of what the plan keeps running in the environment (nodes that clusters keep, instances of
deployments, people's machines for ``instance_hours``, registries, private endpoints, DNS zones) does not exceed the
setting ``cap``, else the config's ``budget.amount``. The book of prices is small; what it does not know is named, and
then the answer is unknown unless the known part is too much already. The setting ``prices`` adds lines such as
``Standard_DS3_v2 westeurope 0.27`` (USD an hour).

Why: the cheapest moment to see that something is too dear is before it is made.

Fix: use smaller or fewer machines (``compute.<name>.min_nodes``, ``endpoints.<name>.size``), or raise
``budget.amount``.

Decided: an estimate and nothing more: list prices of one day, without discounts, and without what is paid by use, such
as storage, requests, logs and traffic. A budget in another currency is compared only with the setting
``exchange_rate``.
"""

from collections.abc import Mapping

from ..conditions import number
from ..config import ProjectConfig
from ..cost import Estimate, estimate
from ..outcome import Outcome, Verdict, failed, not_applicable, passed
from ..price_book import own_price
from ..rule import ConfigRule, Example, Facts, Option, Said, Severity

PATH = "budget.amount"


def _check(config: ProjectConfig, facts: Facts) -> Said:
    planned = [one for one in facts.graph.resources if one.environment == config.environment]
    if not planned:
        return not_applicable("nothing is planned")
    cap, currency = _cap(config, facts)
    if not cap:
        return not_applicable("no cap and no budget is named")
    own = [price for price in map(own_price, facts.texts("prices")) if price is not None]
    return _judged(estimate(planned, own, instance_hours=facts.number("instance_hours")), cap, currency, facts)


def _cap(config: ProjectConfig, facts: Facts) -> tuple[float, str]:
    if facts.number("cap") > 0:
        return facts.number("cap"), "USD"
    amount = number(config.get(PATH))
    return (amount if amount > 0 else 0.0), str(config.get("budget.currency"))


def _judged(found: Estimate, cap: float, currency: str, facts: Facts) -> Outcome:
    rate = 1.0 if currency == "USD" else facts.number("exchange_rate")
    unpriced = f"; unpriced: {', '.join(found.unpriced)}" if found.unpriced else ""
    said = f"about {found.amount:.0f} USD at list prices{unpriced}"
    expected = f"at most {cap:g} {currency}"
    if rate <= 0:
        return Outcome(verdict=Verdict.UNKNOWN, path=PATH, found=f"{said}; no rate to {currency}", expected=expected)
    if found.amount * rate > cap:
        return failed(PATH, said, expected)
    if found.unpriced:
        return Outcome(verdict=Verdict.UNKNOWN, path=PATH, found=said, expected=expected)
    return passed(PATH, said)


def _deployment(size: str, capacity: int) -> Mapping[str, object]:
    properties = {"location": "westeurope", "sku": {"capacity": capacity}, "properties": {"instanceType": size}}
    return {"type": "azure-native:machinelearningservices:OnlineDeployment", "name": "blue", "properties": properties}


_USD = {"budget": {"amount": 500, "currency": "USD"}}
_EUR = {"budget": {"amount": 500, "currency": "EUR"}}

RULE = ConfigRule(
    id="MLG-043",
    title="Estimated monthly cost under the cap",
    severity=Severity.MEDIUM,
    check=_check,
    relates_to=("FinOps forecast",),
    packs=("governance",),
    remedy="budget: {amount: 500, currency: USD}",
    options={
        "cap": Option(default=0, help="USD a month; 0: the config's budget"),
        "prices": Option(default=(), help="own prices: machine type, region, USD an hour"),
        "exchange_rate": Option(default=0, help="units of the budget's currency for 1 USD; 0: not known"),
        "instance_hours": Option(default=160, help="the hours a month that a person's machine runs"),
    },
    failing=(
        Example(name="too many instances", config=_USD, resources=[_deployment("Standard_D4s_v3", 3)]),
        Example(
            name="too dear in euros",
            config=_EUR,
            resources=[_deployment("Standard_D4s_v3", 4)],
            settings={"exchange_rate": 0.86},
        ),
        Example(
            name="a price of one's own",
            config={},
            resources=[_deployment("Standard_DS3_v2", 1)],
            settings={"cap": 100, "prices": ("Standard_DS3_v2 westeurope 0.27",)},
        ),
    ),
    passing=(
        Example(name="two instances", config=_USD, resources=[_deployment("Standard_D4s_v3", 2)]),
        Example(
            name="a price of one's own",
            config={},
            resources=[_deployment("Standard_DS3_v2", 1)],
            settings={"cap": 200, "prices": ("Standard_DS3_v2 westeurope 0.27",)},
        ),
    ),
)
