"""groundplan's own plans under its own rules; what only a cloud or a registry can know is named, with the reason.

Not proved: that a cloud makes what is planned, nor that the rules say everything that matters.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from groundplan.policies.catalogue import ours

from terminal import call

CONFIGS = Path(__file__).parents[1] / "stacks" / "configs"
PLATFORMS = ("azureml", "vertex")

_REGISTRY = "only the registry knows the versions, and a plan is made without it"
UNKNOWN = {
    "MLG-001": _REGISTRY,
    "MLG-002": _REGISTRY,
    "MLG-003": _REGISTRY,
    "MLG-004": _REGISTRY,
    "MLG-012": _REGISTRY,
    "MLG-020": _REGISTRY,
    "MLG-043": "only the cloud's price list has the prices of these regions and today's rate of the euro",
    "MLG-066": _REGISTRY,
    "MLG-071": _REGISTRY,
    "MLG-072": _REGISTRY,
}
"""Rules that cannot be decided before anything exists, on both clouds."""

UNKNOWN_AT = {
    "azureml": {"MLG-052": "a workspace names a version of its key, and only the vault knows the versions"},
    "vertex": dict[str, str](),
}
EXEMPTED = {"azureml": {"ACR-06", "MLG-007"}, "vertex": {"MLG-060", "MLG-068"}}
"""What the hardened configs exempt, each with its reason in the config."""

SET = {"azureml": {"ACR-05", "ACR-08", "STO-11"}, "vertex": {"IAM-04"}}
"""What they set otherwise than a rule has it by default."""


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-11-28")


def project(folder: Path, config: str) -> Path:
    """A config of tests/stacks/configs/ in a folder, with the files that it names beside it."""
    shutil.copytree(CONFIGS / "files", folder / "files")
    return Path(shutil.copy(CONFIGS / f"{config}.yaml", folder / "groundplan.yaml"))


def checked(folder: Path, *words: str) -> dict[str, Any]:
    """The report on the project in a folder."""
    result = call("check", *words, "--format", "json", cwd=folder)
    assert result.stderr == ""
    return json.loads(result.stdout)


def rules_of(report: dict[str, Any], verdict: str, status: str = "open") -> set[str]:
    """The rules with such findings."""
    findings = report["data"]["findings"]
    return {one["rule"] for one in findings if (one["verdict"], one["status"]) == (verdict, status)}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_hardened_config_passes_every_rule(platform: str, tmp_path: Path) -> None:
    project(tmp_path, f"{platform}-hardened")

    report = checked(tmp_path)

    assert {one["id"] for one in report["data"]["rules"]} == set(ours())
    assert rules_of(report, "fail") == set()
    assert rules_of(report, "error") == set()
    assert rules_of(report, "unknown") == {*UNKNOWN, *UNKNOWN_AT[platform]}
    assert rules_of(report, "fail", "exempted") == EXEMPTED[platform]
    assert (report["ok"], report["warnings"]) == (True, [])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_without_what_it_says_of_rules_the_hardened_config_fails_just_those(platform: str, tmp_path: Path) -> None:
    config = project(tmp_path, f"{platform}-hardened")
    before, _, said = config.read_text(encoding="utf-8").partition("policies:\n")
    config.write_text(before + said[said.index("environments:\n") :], encoding="utf-8")

    report = checked(tmp_path, "--pack", "all")

    assert rules_of(report, "fail") == EXEMPTED[platform] | SET[platform]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_minimal_config_passes_the_baseline_with_the_defaults(platform: str, tmp_path: Path) -> None:
    project(tmp_path, f"{platform}-minimal")

    report = checked(tmp_path, "--pack", "baseline")

    assert report["data"]["findings"] == []
    assert report["data"]["summary"]["passed"] > 100
