"""The stacks that a config really becomes, made and unmade by the real engine at the strict stand-in clouds.

That a real subscription or project takes them is not proved: nothing here has been run against one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.layout import Layout
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.steps import Outcome
from groundplan.stacks.program import program

import toy_cloud
from stand_in import StandIn

CONFIGS = Path(__file__).parents[1] / "stacks" / "configs"
ENDPOINT = {"azureml": ":OnlineEndpoint", "vertex": ":AiEndpoint"}
TRAFFIC: dict[str, dict[str, Any]] = {
    "azureml": {"properties.traffic": {"blue": 90, "green": 10}},
    "vertex": {"trafficSplit": '{"111": 90, "222": 10}'},
}
"""What a rollout sets, and no later ``up`` may take back."""


@dataclass(frozen=True)
class Stacks:
    """A project on a cloud."""

    driver: Driver
    program: Callable[[str], Callable[[], None]]

    def up(self, stack: str) -> Outcome:
        return self.driver.up(stack, self.program(stack))

    def preview(self, stack: str) -> Outcome:
        return self.driver.preview(stack, self.program(stack))


def project(root: Path, config: str) -> Stacks:
    root.mkdir(parents=True)
    shutil.copy(CONFIGS / config, root / "groundplan.yaml")
    configs = read_stacks(root)
    first = configs["shared"].config
    toy = toy_cloud.driver(root).project
    made = replace(toy, layout=Layout(root), name=first.project, platform=first.platform)
    driver = toy_cloud.driver(root)
    driver.project = made
    return Stacks(driver, lambda stack: program(configs, stack))


def problems(outcome: Outcome) -> list[str]:
    return [one.message for one in outcome.error.problems] if outcome.error else []


def traffic(settings: dict[str, Any]) -> Any:
    """The shares in an endpoint's settings, or in an entry of ``TRAFFIC``."""
    inner = settings.get("properties", {}).get("traffic")
    return inner or settings.get("properties.traffic") or settings.get("trafficSplit")


def kept(cloud: StandIn) -> set[str]:
    """What the program asked to stay when its stack goes, such as audit settings that other stacks need too."""
    state = json.loads((cloud.backend / ".pulumi" / "stacks" / "churn" / "dev.json").read_text())
    return {one["urn"] for one in state["checkpoint"]["latest"]["resources"] if one.get("retainOnDelete")}


@pytest.mark.parametrize("platform", ["azureml", "vertex"])
def test_a_project_goes_up_stays_as_it_is_keeps_a_canary_and_comes_down(
    cloud: StandIn, tmp_path: Path, platform: str
) -> None:
    stacks = project(tmp_path / "real", f"{platform}-minimal.yaml")

    shared, made, again = stacks.up("shared"), stacks.up("dev"), stacks.preview("dev")
    assert (problems(shared), problems(made), again.changes) == ([], [], ())

    endpoint = cloud.store.of_type(ENDPOINT[platform])[0]["id"]
    cloud.store.change(endpoint, TRAFFIC[platform])
    stacks.driver.refresh("dev")
    canary = stacks.up("dev")
    live = cloud.store.resources[endpoint]["inputs"]
    staying = kept(cloud)
    gone = stacks.driver.destroy("dev")

    assert (problems(canary), canary.changes, problems(gone)) == ([], (), [])
    assert traffic(live) == traffic(TRAFFIC[platform])
    assert {one["urn"] for one in cloud.store.resources.values() if ":pulumi:dev::" in one["urn"]} <= staying
