"""A rollout goes back by itself.

What: each endpoint of production that answers requests has ``rollout.rollback`` in the config with at least one
condition (``error_rate``, ``latency_p95``, ``metric`` …), and a step with ``bake``, the time in which it is watched.

Why: nobody looks at three in the morning; the version before is there, and going back costs seconds.

Fix: write ``endpoints.<name>.rollout.rollback`` in groundplan.yaml, such as ``{error_rate: 0.02, latency_p95: 800}``.

Decided: that the version before is still deployed is known only at the rollout, which keeps it; it is not judged here.
A config that cannot say ``rollout`` is not judged. It reads ``rollback`` and ``steps[].bake`` of ``rollout``.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..durations import seconds
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries, mapping, online_endpoints
from ..rule import ConfigRule, Example, Facts, Said, Severity


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    sayable = [name for name, one in online_endpoints(config).items() if "rollout" in one]
    return [one for name in sayable for one in _of(config, name)] or not_applicable("no endpoint has a rollout")


def _of(config: ProjectConfig, name: str) -> Iterator[Outcome]:
    path = f"endpoints.{name}.rollout"
    rollout = mapping(config.get(path))
    conditions = {key: one for key, one in mapping(rollout.get("rollback")).items() if one not in (None, [], {})}
    if not conditions:
        yield failed(f"{path}.rollback", "no condition", "a condition such as error_rate: 0.02")
    elif not any(seconds(step.get("bake")) > 0 for step in entries(rollout.get("steps"))):
        yield failed(f"{path}.steps", "no step with bake", "a step that is watched for a while, such as bake: 1h")
    else:
        yield passed(f"{path}.rollback", ", ".join(conditions))


_STEPS = [{"traffic": 10, "bake": "1h"}]


def _config(rollout: object) -> Mapping[str, object]:
    return {"endpoints": {"churn": {"kind": "online", "rollout": rollout}}}


RULE = ConfigRule(
    id="MLG-009",
    title="Automatic rollback configured",
    severity=Severity.HIGH,
    check=_check,
    relates_to=("EU-AI-Act 15(4)", "EU-AI-Act 14(4)(e)", "NIST-AI-RMF MANAGE 2.4", "NIST-AI-RMF MANAGE 4.3"),
    packs=("governance",),
    remedy="endpoints: {churn: {rollout: {rollback: {error_rate: 0.02, latency_p95: 800}}}}",
    failing=(
        Example(name="nothing said", config=_config(None)),
        Example(name="no condition", config=_config({"steps": _STEPS, "rollback": {"error_rate": None}})),
        Example(name="nobody watches", config=_config({"steps": [{"traffic": 10}], "rollback": {"error_rate": 0.02}})),
    ),
    passing=(
        Example(name="by errors", config=_config({"steps": _STEPS, "rollback": {"error_rate": 0.02}})),
        Example(
            name="by a metric of its own",
            config=_config({"steps": _STEPS, "rollback": {"metric": [{"name": "roc_auc", "min": 0.7}]}}),
        ),
    ),
)
