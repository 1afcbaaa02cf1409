"""What three configs make on each cloud: minimal, full, hardened; only the attributes that a golden lists are compared.

A golden says what is planned, not that the clouds take it: test_plans_meet_the_clouds.py holds plans against their
descriptions, and no test here has ever seen a live subscription or project.
"""

from __future__ import annotations

import importlib
import inspect
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from groundplan.modules.contract.planned import PlannedResource
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


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Plan, ...]]:
    """The plans of a config, made the first time that they are asked for."""

    @cache
    def make(name: str) -> tuple[Plan, ...]:
        return planned(name, tmp_path_factory.mktemp(name))

    return make


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_makes_the_resources_of_its_golden_plan(
    name: str, once: Callable[[str], tuple[Plan, ...]], request: pytest.FixtureRequest
) -> None:
    path = HERE / "goldens" / f"{name}.yaml"
    found = once(name)
    if request.config.getoption("--update-plans"):
        path.parent.mkdir(exist_ok=True)
        golden.write(path, golden.of_plans(found, golden.read(path)))

    expected = golden.read(path)

    assert golden.of_plans(found, expected) == expected, "if this is meant: pytest --update-plans tests/stacks"


@pytest.mark.parametrize("name", ["azureml-full", "vertex-full"])
def test_two_plans_of_one_config_are_the_same(name: str, tmp_path: Path) -> None:
    assert planned(name, tmp_path) == planned(name, tmp_path)


@pytest.mark.parametrize("name", CONFIGS)
def test_whatever_can_carry_tags_says_who_answers_for_it(name: str, once: Callable[[str], tuple[Plan, ...]]) -> None:
    wanted = {"project", "environment", "owner", "cost-center", "system-id", "data-classification", "risk-tier"}
    carriers = [
        (one, _tags(one))
        for plan in once(name)
        for one in plan.made
        if _takes_tags(one.type) or "tags" in one.properties
    ]

    assert len(carriers) > 20
    assert [one.name for one, tags in carriers if not wanted <= {key.replace("_", "-") for key in tags}] == []


def _tags(one: PlannedResource) -> Iterable[str]:
    found = [one.properties[name] for name in ("userLabels", "tags", "labels") if name in one.properties]
    return cast("Mapping[str, str]", found[0]) if found else ()


def _takes_tags(token: str) -> bool:
    """Whether the provider's class has a property for them; a route at Google Cloud has none, only network tags."""
    package, module, name = token.split(":")
    if token == "gcp:compute/route:Route":
        return False
    root = {"azure-native": "pulumi_azure_native", "gcp": "pulumi_gcp"}[package]
    kind = getattr(importlib.import_module(f"{root}.{module.partition('/')[0]}"), name)
    return bool({"tags", "labels", "user_labels"} & inspect.signature(kind._internal_init).parameters.keys())
