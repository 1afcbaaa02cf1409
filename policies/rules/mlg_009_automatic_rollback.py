"""A rollout goes back by itself.

What: each endpoint of production that answers requests rolls out by a strategy that watches the new version (any but
direct), and ``rollout.rollback`` in the config has at least one condition: ``error_rate``, ``latency_p95_ms``,
``metrics``, ``drift`` or ``disagreement``. A canary has a step whose ``bake`` gives them time.

Why: nobody looks at three in the morning; the version before is there, and going back costs seconds.

Fix: write ``endpoints.<name>.rollout: {strategy: canary, rollback: {error_rate: 0.02}}`` in groundplan.yaml.

Decided: that the version before is still deployed is known only at the rollout, which keeps it for ``stand_by``; it is
not judged here. A config that cannot say ``rollout`` is not judged. It reads ``strategy``, ``rollback`` and
``steps[].bake`` of ``endpoints.<name>.rollout``.
"""

from collections.abc import Mapping

from ..config import ProjectConfig
from ..durations import seconds
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries, mapping, online_endpoints
from ..rule import ConfigRule, Example, Facts, Said, Severity

CONDITIONS = ("error_rate", "latency_p95_ms", "metrics", "drift", "disagreement")


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    sayable = [name for name, one in online_endpoints(config).items() if "rollout" in one]
    return [_of(config, name) for name in sayable] or not_applicable("no endpoint has a rollout")


def _of(config: ProjectConfig, name: str) -> Outcome:
    path = f"endpoints.{name}.rollout"
    rollout = mapping(config.get(path))
    strategy = rollout.get("strategy") or "direct"
    if strategy == "direct":
        return failed(f"{path}.strategy", "direct, which watches nothing", "a strategy that watches, such as canary")
    rollback = mapping(rollout.get("rollback"))
    conditions = [key for key in CONDITIONS if _is_set(rollback.get(key))]
    if not conditions:
        return failed(f"{path}.rollback", "no condition", "a condition such as error_rate: 0.02")
    steps = entries(rollout.get("steps"))
    if strategy == "canary" and not any(seconds(step.get("bake")) > 0 for step in steps):
        return failed(f"{path}.steps", "no step with bake", "a step that is watched for a while, such as bake: 10m")
    return passed(f"{path}.rollback", ", ".join(conditions))


_STEPS = [{"traffic": 10, "bake": "1h"}]


def _is_set(condition: object) -> bool:
    """Whether it is a bound, 0 included, and neither left out nor turned off."""
    return condition is not None and condition is not False and condition != {} and condition != []


def _config(**rollout: object) -> Mapping[str, object]:
    return {"endpoints": {"churn": {"kind": "online", "rollout": {"strategy": "canary", "steps": _STEPS, **rollout}}}}


RULE = ConfigRule(
    id="MLG-009",
    title="Automatic rollback configured",
    severity=Severity.HIGH,
    check=_check,
    relates_to=("EU-AI-Act 15(4)", "EU-AI-Act 14(4)(e)", "NIST-AI-RMF MANAGE 2.4", "NIST-AI-RMF MANAGE 4.3"),
    packs=("governance",),
    remedy="endpoints: {churn: {rollout: {strategy: canary, rollback: {error_rate: 0.02, latency_p95_ms: 800}}}}",
    failing=(
        Example(name="at once", config=_config(strategy="direct", rollback={"error_rate": 0.02})),
        Example(name="no condition", config=_config(rollback={"error_rate": None, "metrics": {}, "drift": False})),
        Example(name="nobody watches", config=_config(steps=[{"traffic": 10}], rollback={"error_rate": 0.02})),
    ),
    passing=(
        Example(name="by errors", config=_config(rollback={"error_rate": 0.02})),
        Example(name="by a metric", config=_config(rollback={"metrics": {"roc_auc": {"min": 0.7}}})),
        Example(
            name="a shadow that answers otherwise",
            config=_config(strategy="shadow", steps=[], rollback={"disagreement": 0.1}),
        ),
    ),
)
