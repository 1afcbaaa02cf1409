"""The cloud's own monitors, asked for where there are none, where nobody looks, and where they would see nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read

import cloud_configs

ON = "monitoring: {managed: true, enabled: true, alerts: [ml@example.com]}\n"
LOGS = "models: {churn: {pipeline: train}}\nendpoints: {churn: {log_sample: 0.1}}\n"
PIPELINES = "pipelines: {train: {steps: {a: {command: x}}}}\n"
LAPTOP = "project: churn\nplatform: local\n"


def problems(folder: Path, text: str) -> list[tuple[str, str]]:
    """Message and hint of each problem."""
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    try:
        read(folder)
    except ConfigError as error:
        return [(one.message, one.hint) for one in error.problems if "managed" in one.message]
    return []


@pytest.mark.parametrize("platform", ["azureml", "vertex"])
def test_a_cloud_whose_endpoints_log_has_monitors_of_its_own(tmp_path: Path, platform: str) -> None:
    assert problems(tmp_path, cloud_configs.FIRST_LINES[platform] + PIPELINES + LOGS + ON) == []


def test_on_the_laptop_they_would_be_lost(tmp_path: Path) -> None:
    assert problems(tmp_path, LAPTOP + ON) == [
        (
            "monitoring.managed would be lost on local: this machine has no monitors beside groundplan's own",
            "Leave it out for this platform: groundplan's own statistics are the same on every one.",
        )
    ]
    assert problems(tmp_path, LAPTOP + ON.replace("managed: true", "managed: false")) == []


def test_nobody_would_look_at_them_where_monitoring_is_off(tmp_path: Path) -> None:
    off = ON.replace("enabled: true", "enabled: false")

    assert problems(tmp_path, cloud_configs.FIRST_LINES["azureml"] + PIPELINES + LOGS + off) == [
        (
            "monitoring.managed is on, and nobody would look at what it finds: monitoring is off",
            "Add 'enabled: true' to monitoring.",
        )
    ]


def test_they_would_see_nothing_where_no_endpoint_logs(tmp_path: Path) -> None:
    silent = LOGS.replace("0.1", "0")

    assert problems(tmp_path, cloud_configs.FIRST_LINES["azureml"] + PIPELINES + silent + ON) == [
        (
            "monitoring.managed would be billed and see nothing: no endpoint logs its requests",
            "Set endpoints.NAME.log_sample to the share of requests that is logged, such as 0.1.",
        )
    ]
