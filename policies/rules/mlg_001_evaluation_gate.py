"""What serves in production has passed its gate.

What: in production each model has a threshold for at least one metric, and the version that is there, or on its way
there, has evidence of that very model (the digests are the same) on data whose digest is known, and passed. A gate
that failed and that somebody let pass has not been passed.

Why: a model that nobody measured, or that was changed after it was measured, is a guess about people.

Fix: write ``evaluation.metrics`` in groundplan.yaml, let the pipeline make evidence, and promote the version that
passes. Whoever must go on without it writes an exemption with a reason and an end.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import rubric
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..versions import Version, not_at_hand, versions

EVIDENCE = "evidence of a passed gate"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    found = versions(config)
    judged = [not_at_hand(EVIDENCE)] if found is None else [_of_version(one) for one in found]
    return [*_of_rubrics(config), *judged]


def _of_rubrics(config: ProjectConfig) -> Iterator[Outcome]:
    for model in config.section("models"):
        path, asked = rubric(config, model)
        metrics = asked.get("metrics")
        place = f"{path}.metrics"
        yield passed(place, metrics) if metrics else failed(place, "no threshold", "a threshold for a metric")


def _of_version(version: Version) -> Outcome:
    path = f"models.{version.model}"
    if not version.get("evidence.made") or not version.text("evidence.model_digest"):
        return failed(path, f"{version.name} has no evidence", EVIDENCE)
    if version.text("evidence.model_digest") != version.text("digest"):
        return failed(path, f"{version.name} is not what was measured", "evidence of the model itself")
    if not version.text("evidence.data_digest"):
        return failed(path, f"the evidence of {version.name} does not say on which data", "evidence with its data")
    if version.get("overridden") is True:
        return failed(path, f"somebody let {version.name} pass a gate that failed", EVIDENCE)
    if version.get("verdict.passed") is not True:
        wrong = ", ".join(version.texts("verdict.failures")) or "nothing was judged"
        return failed(path, f"the gate of {version.name}: {wrong}", EVIDENCE)
    return passed(path, version.name)


_CONFIG: Mapping[str, object] = {"models": {"churn": {}}, "evaluation": {"metrics": {"roc_auc": {"min": 0.8}}}}
_EVIDENCE = {
    "made": "2026-11-20T10:00:00Z",
    "model_digest": "sha256:0a",
    "data_digest": "sha256:0b",
}
_GOOD = {
    "version": "3",
    "digest": "sha256:0a",
    "evidence": _EVIDENCE,
    "verdict": {"passed": True},
}

RULE = ConfigRule(
    id="MLG-001",
    title="Deployment to production has passed an evaluation gate",
    severity=Severity.CRITICAL,
    scope="evidence",
    check=_check,
    relates_to=(
        "EU-AI-Act 9(6)-(8)",
        "EU-AI-Act 15(1)",
        "EU-AI-Act 17(1)(d)",
        "NIST-AI-RMF MEASURE 2.1",
        "NIST-AI-RMF MEASURE 2.3",
        "NIST-AI-RMF MANAGE 1.1",
        "ISO-42001 A.6.2.4",
        "ISO-42001 A.6.2.5",
        "SR-11-7 V",
    ),
    packs=("governance",),
    remedy="evaluation: {metrics: {roc_auc: {min: 0.8}}}",
    failing=(
        Example(name="no threshold", config={**_CONFIG, "evaluation": {"metrics": {}}}, evidence={"churn": _GOOD}),
        Example(name="no evidence", config=_CONFIG, evidence={"churn": {**_GOOD, "evidence": None}}),
        Example(name="changed since", config=_CONFIG, evidence={"churn": {**_GOOD, "digest": "sha256:0c"}}),
        Example(
            name="a gate that failed",
            config=_CONFIG,
            evidence={"churn": {**_GOOD, "verdict": {"passed": False, "failures": ["roc_auc"]}}},
        ),
        Example(name="let pass all the same", config=_CONFIG, evidence={"churn": {**_GOOD, "overridden": True}}),
    ),
    passing=(
        Example(name="measured, judged, unchanged", config=_CONFIG, evidence={"churn": _GOOD}),
        Example(name="nothing is there yet", config=_CONFIG, evidence={}),
    ),
)
