"""A system of high risk is measured for the groups that it treats.

What: where ``governance.risk_tier`` is high, the rubric of each model has ``fairness`` with at least one column and
the largest gap (or the smallest ratio) between its groups.

Why: an average hides that a model is right for most and wrong for few, and it is the few who come to harm.

Fix: write ``evaluation.fairness: [{column: age_group, metric: equalized_odds_difference, max: 0.1}]``.

Decided: a threshold for each slice alone is no substitute; it bounds how bad a group fares, not how unequal.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries, is_high_risk, rubric
from ..rule import ConfigRule, Example, Facts, Said, Severity


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    return list(_of(config)) if is_high_risk(config) else not_applicable("the system is not of high risk")


def _of(config: ProjectConfig) -> Iterator[Outcome]:
    for model in config.section("models"):
        path, asked = rubric(config, model)
        bounded = [one for one in entries(asked.get("fairness")) if _is_bounded(one)]
        place = f"{path}.fairness"
        columns = ", ".join(str(one.get("column")) for one in bounded)
        yield passed(place, columns) if bounded else failed(place, "no group", "a column and its largest gap")


def _is_bounded(gap: Mapping[str, object]) -> bool:
    return gap.get("max") is not None or gap.get("min") is not None


_GAP = {"column": "age_group", "metric": "equalized_odds_difference", "max": 0.1}
_HIGH = {"governance": {"risk_tier": "high"}}

RULE = ConfigRule(
    id="MLG-033",
    title="Fairness metrics in the evaluation of high-risk systems",
    severity=Severity.HIGH,
    check=_check,
    relates_to=("EU-AI-Act 10(2)(f)-(g)", "EU-AI-Act 15", "NIST-AI-RMF MEASURE 2.11", "ISO-42001 A.6.2.4"),
    packs=("governance",),
    remedy="evaluation: {fairness: [{column: age_group, metric: equalized_odds_difference, max: 0.1}]}",
    failing=(
        Example(name="no group", config={**_HIGH, "models": {"churn": {}}, "evaluation": {"fairness": []}}),
        Example(
            name="a model with a rubric of its own",
            config={
                **_HIGH,
                "models": {"churn": {"evaluation": {"fairness": []}}},
                "evaluation": {"fairness": [_GAP]},
            },
        ),
    ),
    passing=(
        Example(name="a gap", config={**_HIGH, "models": {"churn": {}}, "evaluation": {"fairness": [_GAP]}}),
        Example(
            name="a ratio",
            config={
                **_HIGH,
                "models": {"churn": {}},
                "evaluation": {
                    "fairness": [{"column": "sex", "metric": "demographic_parity_ratio", "min": 0.8, "max": None}]
                },
            },
        ),
    ),
)
