"""Request logs that would hold what somebody wants left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read

import cloud_configs

ENDPOINT = "endpoints: {churn: {%s}}\n"
REASON = "a request is logged whole, or not at all"
HINT = "Set log_sample: 0 for this platform, or leave these columns out of the requests: name, address"


def problems(folder: Path, head: str, endpoint: str) -> list[tuple[str, str]]:
    """Message and hint of each problem."""
    (folder / "groundplan.yaml").write_text(head + ENDPOINT % endpoint, encoding="utf-8")
    try:
        read(folder)
    except ConfigError as error:
        return [(one.message, one.hint) for one in error.problems]
    return []


@pytest.mark.parametrize("platform", ["azureml", "vertex"])
def test_columns_that_a_cloud_would_log_all_the_same_are_refused(tmp_path: Path, platform: str) -> None:
    found = problems(tmp_path, cloud_configs.FIRST_LINES[platform], "log_sample: 0.5, redact: [name, address]")

    assert found == [(f"endpoints.churn.redact would be lost on {platform}: {REASON}", HINT)]


@pytest.mark.parametrize(
    ("platform", "endpoint"),
    [("azureml", "redact: [name]"), ("vertex", "log_sample: 0.5"), ("local", "log_sample: 0.5, redact: [name]")],
)
def test_where_nothing_is_logged_or_all_of_it_may_be_nothing_is_lost(
    tmp_path: Path, platform: str, endpoint: str
) -> None:
    head = cloud_configs.FIRST_LINES.get(platform, "project: churn\nplatform: local\n")

    assert problems(tmp_path, head, endpoint) == []
