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


HEADS = {
    "vertex": "region: europe-west4\naccount: {project: acme-churn}\n",
    "azureml": "region: westeurope\naccount: {subscription: 00000000-0000-4000-8000-000000000001, "
    "tenant: 00000000-0000-4000-8000-000000000002}\n",
    "local": "",
}


def lost(folder: Path, platform: str, rollout: str) -> list[tuple[str, str, str]]:
    """Place, message and hint of each problem on this platform; ``endpoints`` begins in line 6 of each."""
    head = f"project: churn\nplatform: {platform}\n{HEADS[platform]}"
    head += "#\n" * (5 - head.count("\n")) + "endpoints:\n  churn:\n    rollout:\n"
    (folder / "groundplan.yaml").write_text(head + "".join(f"      {line}\n" for line in rollout.splitlines()))
    try:
        read(folder)
    except ConfigError as error:
        return [(one.where.rpartition("groundplan.yaml:")[2], one.message, one.hint) for one in error.problems]
    return []


COPIES = "Vertex AI sends no copies of requests"
LABELLED = (
    "strategy: ab\nshadow: 5m\nexperiment: {metric: accuracy}\nrollback: {metrics: {accuracy: {min: 0.8}}, drift: true}"
)


@pytest.mark.parametrize(
    ("rollout", "place", "message", "hint"),
    [
        ("strategy: shadow", "9:17", f"strategy 'shadow' would be lost on vertex: {COPIES}",
         "Set strategy: canary, with shadow: null and small first steps."),
        ("strategy: canary", "9:17",
         f"the 5m in which a copy of the requests is watched would be lost on vertex: {COPIES}",
         "Write 'shadow: null': the new version then answers its first share without having been watched."),
        ("strategy: blue-green\nshadow: 1h", "10:15",
         f"the 1h in which a copy of the requests is watched would be lost on vertex: {COPIES}",
         "Write 'shadow: null': the new version then answers its first share without having been watched."),
    ],
)  # fmt: skip
def test_copies_that_nobody_would_get_are_refused(
    tmp_path: Path, rollout: str, place: str, message: str, hint: str
) -> None:
    assert lost(tmp_path, "vertex", rollout) == [(place, message, hint)]


@pytest.mark.parametrize("platform", ["vertex", "azureml"])
def test_what_a_cloud_would_leave_out_without_a_word_is_refused_all_at_once(tmp_path: Path, platform: str) -> None:
    rollout = (
        "strategy: ab\nshadow: null\nsticky: id\nexperiment: {metric: accuracy}\n"
        "rollback: {metrics: {accuracy: {min: 0.8}}, drift: true, disagreement: 0.1}"
    )
    found = lost(tmp_path, platform, rollout if platform == "vertex" else rollout.replace("null", "5m"))

    assert [(place, message.partition(":")[0]) for place, message, _ in found] == [
        ("11:7", f"endpoints.churn.rollout.sticky would be lost on {platform}"),
        ("13:64", f"endpoints.churn.rollout.rollback.disagreement would be lost on {platform}"),
    ]
    assert {hint for _, _, hint in found} == {f"Leave it out for this platform: groundplan portability {platform}"}


@pytest.mark.parametrize(
    ("platform", "rollout"),
    [
        ("vertex", "strategy: canary\nshadow: null"),
        ("vertex", "strategy: direct"),
        ("vertex", LABELLED.replace("5m", "null")),
        ("azureml", LABELLED),
        ("azureml", "strategy: canary"),
        ("azureml", "strategy: shadow\nshadow: 1h"),
    ],
)
def test_what_a_cloud_can_do_is_taken(tmp_path: Path, platform: str, rollout: str) -> None:
    assert lost(tmp_path, platform, rollout) == []


@pytest.mark.parametrize("platform", ["local", "azureml"])
def test_where_copies_can_be_had_they_are_watched_first(tmp_path: Path, platform: str) -> None:
    said = f"on {platform} a copy of the requests can be watched first, and must be"

    assert lost(tmp_path, platform, "strategy: canary\nshadow: null") == [("10:15", said, "Such as: shadow: 5m")]
