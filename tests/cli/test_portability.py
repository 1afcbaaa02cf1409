"""The portability table: what the platforms declare, as a person and as a program reads it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from groundplan.modules.contract.support import PARTS
from groundplan.stacks import platforms, support

from terminal import call


@pytest.mark.parametrize("platform", support.PLATFORMS)
def test_a_platform_declares_parts_that_there_are_each_with_its_reason(platform: str) -> None:
    declared = importlib.import_module(f"groundplan.modules.{platform}.support").LIFECYCLE

    assert set(declared) <= set(PARTS)
    assert [part for part, one in declared.items() if one.level == "same" or not one.reason] == []
    assert [part.partition(".")[0] for part in platforms.unsupported(platform) if part.partition(".")[0]
            not in support.CAPABILITIES] == []  # fmt: skip


def test_the_table_shows_both_clouds_and_says_why(tmp_path: Path) -> None:
    lines = call("portability", "azureml", "vertex", cwd=tmp_path).stdout.splitlines()

    assert lines[0].split() == ["azureml", "vertex"]
    cells = {line.split("  ")[0]: line.split()[-2:] for line in lines[1 : lines.index("")]}
    assert cells["deploy"] == ["same", "same"]
    assert cells["rollout.shadow"] == ["approximated", "unsupported"]
    assert cells["rollout.sticky"] == ["unsupported", "unsupported"]
    assert cells["endpoint.batch"] == ["same", "unsupported"]
    why = [line.partition(" ")[2].strip() for line in lines if line.startswith("rollout.shadow ")]
    assert why[1:] == [
        "a copy of at most 50 % of the requests, to one version",
        "Vertex AI sends no copies of requests",
    ]


def test_lost_leaves_out_what_is_the_same_on_all(tmp_path: Path) -> None:
    shown = json.loads(call("portability", "vertex", "--lost", "--format", "json", cwd=tmp_path).stdout)["data"]

    assert shown["platforms"] == ["vertex"]
    assert {one["support"]["vertex"]["level"] for one in shown["parts"]} == {"approximated", "unsupported"}
    assert [one for one in shown["parts"] if not one["support"]["vertex"]["reason"]] == []


def test_the_laptop_lacks_what_a_cloud_alone_makes_and_its_monitors_and_nothing_else_of_a_models_life(
    tmp_path: Path,
) -> None:
    shown = json.loads(call("portability", "local", "--lost", "--format", "json", cwd=tmp_path).stdout)["data"]

    assert [one["part"] for one in shown["parts"] if one["kind"] == "verb"] == ["monitor.managed"]
    assert "network" in [one["part"] for one in shown["parts"]]


def test_a_platform_that_there_is_not_is_named(tmp_path: Path) -> None:
    result = call("portability", "vertexx", cwd=tmp_path)

    assert result.returncode == 6
    assert "there is no platform 'vertexx'" in result.stderr
    assert "Did you mean 'vertex'?" in result.stderr
