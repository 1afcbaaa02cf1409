"""References to environment variables that a plan needs: all that are missing at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.config.variables import require_set

from cloud_configs import AZURE

TEXT = (
    f"{AZURE}overrides:\n"
    "  endpoint-churn:\n    description: ${env:DESCRIPTION}\n"
    "  workspace: {friendlyName: '${env:FRIENDLY_NAME}', hbiWorkspace: true}\n"
    "endpoints: {churn: {model: churn, api_key: '${env:API_KEY}'}}\nmodels: {churn: {}}\n"
    "environments: {dev: , prod: }\n"
)


def test_every_variable_that_is_not_set_is_told_once_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "groundplan.yaml").write_text(TEXT)
    monkeypatch.delenv("DESCRIPTION", raising=False)
    monkeypatch.setenv("FRIENDLY_NAME", "")

    with pytest.raises(ConfigError) as caught:
        require_set(read_stacks(tmp_path))

    told = [(one.where.rpartition("yaml:")[2], one.message, one.hint) for one in caught.value.problems]
    assert told == [
        ("7:18", "overrides.endpoint-churn.description: the environment variable DESCRIPTION is not set",
         "Set DESCRIPTION and run the command again."),
        ("8:29", "overrides.workspace.friendlyName: the environment variable FRIENDLY_NAME is empty",
         "Set FRIENDLY_NAME and run the command again."),
    ]  # fmt: skip


def test_a_plan_needs_no_key_that_only_the_laptop_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "groundplan.yaml").write_text(TEXT)
    monkeypatch.setenv("DESCRIPTION", "told")
    monkeypatch.setenv("FRIENDLY_NAME", "told")
    monkeypatch.delenv("API_KEY", raising=False)

    require_set(read_stacks(tmp_path))
