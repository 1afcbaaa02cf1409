"""What three configs make on each cloud: minimal, full, hardened; only the attributes that a golden lists are compared.

A golden says what is planned, not that the clouds take it: test_plans_meet_the_clouds.py holds plans against their
descriptions, and no test here has ever seen a live subscription or project.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning.plan import Plan
from groundplan.stacks.planning.planning import plans

import golden

HERE = Path(__file__).parent
CONFIGS = sorted(path.stem for path in (HERE / "configs").glob("*.yaml"))


def planned(name: str, folder: Path) -> tuple[Plan, ...]:
    """The plans of all stacks of a config of tests/stacks/configs/."""
    shutil.copy(HERE / "configs" / f"{name}.yaml", folder / "groundplan.yaml")
    configs = read_stacks(folder)
    return plans(configs, list(configs))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_makes_the_resources_of_its_golden_plan(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = HERE / "goldens" / f"{name}.yaml"
    found = planned(name, tmp_path)
    if request.config.getoption("--update-plans"):
        path.parent.mkdir(exist_ok=True)
        golden.write(path, golden.of_plans(found, golden.read(path)))

    expected = golden.read(path)

    assert golden.of_plans(found, expected) == expected, "if this is meant: pytest --update-plans tests/stacks"


@pytest.mark.parametrize("name", ["azureml-full", "vertex-full"])
def test_two_plans_of_one_config_are_the_same(name: str, tmp_path: Path) -> None:
    assert planned(name, tmp_path) == planned(name, tmp_path)
