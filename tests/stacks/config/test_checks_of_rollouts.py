"""Rollouts that cannot be meant: each with its place and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read

HEAD = "project: churn\nplatform: local\ndata: {{task: {task}}}\nendpoints:\n  churn:\n    rollout:\n"


def problems(folder: Path, rollout: str, task: str = "classification") -> list[tuple[str, str, str]]:
    """Place, message and hint of each problem."""
    lines = "".join(f"      {line}\n" for line in rollout.splitlines())
    (folder / "groundplan.yaml").write_text(HEAD.format(task=task) + lines, encoding="utf-8")
    try:
        read(folder)
    except ConfigError as error:
        return [(one.where.rpartition("groundplan.yaml:")[2], one.message, one.hint) for one in error.problems]
    return []


STEP = "Such as: steps: [{traffic: 10}, {traffic: 50}]"


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        ("strategy: canary\nsteps: [{traffic: 5, bake: 1m}, {traffic: 99}]", []),
        (
            "strategy: ab\nsteps: []",
            [
                ("7:17", "strategy 'ab' needs 'experiment', which says what is compared",
                 "Such as: experiment: {metric: accuracy}"),
                ("8:14", "strategy 'ab' needs at least one step", STEP),
            ],
        ),
        ("strategy: canary\nsteps: []", [("8:14", "strategy 'canary' needs at least one step", STEP)]),
        (
            "steps: [{traffic: 50}, {traffic: 50}, {traffic: 10}]",
            [
                (place, f"a step's share must be larger than the one before: {share} after 50",
                 "Put the steps in growing order; all of the requests come last by themselves.")
                for place, share in (("7:40", 50), ("7:55", 10))
            ],
        ),
        (
            ("rollback: {metrics: {mae: {max: 1}, latency_p95_ms: {max: 9}}}\n"
            "experiment: {metric: rmse, guardrails: {size_mb: {max: 1}}}"),
            [
                ("7:28", "the metric mae does not fit the task classification", "Such as accuracy, f1, roc_auc."),
                ("7:43", "the metric latency_p95_ms is not measured on feedback",
                 "rollback.latency_p95_ms bounds the response time."),
                ("8:28", "the metric rmse does not fit the task classification", "Such as accuracy, f1, roc_auc."),
                ("8:47", "the metric size_mb is not measured on feedback", ""),
            ],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(tmp_path: Path, rollout: str, expected: list[tuple[str, str, str]]) -> None:
    assert problems(tmp_path, rollout) == expected


@pytest.mark.parametrize(
    ("rollout", "place"),
    [
        ("steps: [{traffic: 100}]", "7:25"), ("experiment: {metric: acuracy}", "7:28"), ("strategy: fast", "7:17"),
        ("shadow: 0s", "7:15"), ("rollback: {error_rate: 5}", "7:30"),
    ],
)  # fmt: skip
def test_what_has_a_wrong_type_is_named(tmp_path: Path, rollout: str, place: str) -> None:
    assert [one[0] for one in problems(tmp_path, rollout)] == [place]


def test_the_task_is_that_of_the_model_that_the_endpoint_serves(tmp_path: Path) -> None:
    assert problems(tmp_path, "experiment: {metric: rmse}", task="regression") == []
