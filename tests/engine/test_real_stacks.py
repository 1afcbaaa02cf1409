"""The stacks that a config really becomes, made and unmade by the commands, the real engine and strict stand-in clouds.

That a real subscription or project takes them is not proved: nothing here has been run against one.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stand_in import StandIn
from terminal import call

CONFIGS = Path(__file__).parents[1] / "stacks" / "configs"
ENDPOINT = {"azureml": ":OnlineEndpoint", "vertex": ":AiEndpoint"}
TRAFFIC: dict[str, dict[str, Any]] = {
    "azureml": {"properties.traffic": {"blue": 90, "green": 10}},
    "vertex": {"trafficSplit": '{"111": 90, "222": 10}'},
}
"""What a rollout sets, and no later ``up`` may take back."""
OWNED = {"azureml": (":StorageAccount", "tags"), "vertex": (":Dataset", "labels")}
"""A type that somebody changes by hand, and the property."""
STACKS = ("-e", "shared", "-e", "dev")


@dataclass(frozen=True)
class Project:
    """A project on a cloud, as its user works with it."""

    root: Path

    def run(self, *words: str, code: int = 0) -> dict[str, Any]:
        """A command's JSON."""
        result = call(*words, "--format", "json", cwd=self.root)
        assert (result.returncode, result.stderr) == (code, ""), result.stdout
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def say(self, line: str) -> None:
        """Add a line to the config."""
        with (self.root / "groundplan.yaml").open("a") as file:
            file.write(f"{line}\n")


def changes(document: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Change, name and changed properties of what does not stay the same."""
    steps = [step for stack in document["data"]["stacks"] for step in stack["steps"]]
    return [(one["change"], one["name"], tuple(one["changed"])) for one in steps if one["change"] != "same"]


def traffic(settings: dict[str, Any]) -> Any:
    """The shares in an endpoint's settings, or in an entry of ``TRAFFIC``."""
    inner = settings.get("properties", {}).get("traffic")
    return inner or settings.get("properties.traffic") or settings.get("trafficSplit")


def kept(cloud: StandIn) -> set[str]:
    """What the program asked to stay when its stack goes, such as audit settings that other stacks need too."""
    states = [
        json.loads((cloud.backend / ".pulumi" / "stacks" / "churn" / f"{stack}.json").read_text())
        for stack in ("shared", "dev")
    ]
    resources = [one for state in states for one in state["checkpoint"]["latest"]["resources"]]
    return {one["urn"] for one in resources if one.get("retainOnDelete")}


@pytest.mark.parametrize("platform", ["azureml", "vertex"])
def test_a_project_goes_up_is_changed_keeps_a_canary_and_comes_down(
    cloud: StandIn, tmp_path: Path, platform: str
) -> None:
    project = Project(tmp_path / "real")
    project.root.mkdir()
    shutil.copy(CONFIGS / f"{platform}-minimal.yaml", project.root / "groundplan.yaml")
    kind, property = OWNED[platform]

    project.run("up", *STACKS, "--yes")
    endpoint, owned = (cloud.store.of_type(one)[0] for one in (ENDPOINT[platform], kind))
    same = project.run("drift", *STACKS)
    cloud.store.change(endpoint["id"], TRAFFIC[platform])
    cloud.store.change(owned["id"], {f"{property}.owner": "someone-else"})
    drifted = project.run("drift", *STACKS, code=7)
    project.say("owner: new-owner@example.com")
    updated = project.run("up", "-e", "dev", "--yes")
    live = {id: one["inputs"] for id, one in cloud.store.resources.items()}
    again = project.run("preview", "-e", "dev")

    assert (changes(same), changes(again)) == ([], [])
    assert [(change, changed) for change, _, changed in changes(drifted)] == [("update", (f"{property}.owner",))]
    assert {change for change, _, _ in changes(updated)} == {"update"}
    assert live[endpoint["id"]] != endpoint["inputs"]
    assert traffic(live[endpoint["id"]]) == traffic(TRAFFIC[platform])
    assert live[owned["id"]][property]["owner"].startswith("new-owner")

    staying = kept(cloud)
    refused = project.run("destroy", *STACKS, "--confirm", "churn", code=5)
    protected = [word for one in refused["errors"] for word in ("--unprotect", one["where"])]
    gone = project.run("destroy", *STACKS, "--confirm", "churn", *protected)
    empty = project.run("destroy", *STACKS, "--confirm", "churn")

    assert (gone["data"]["removed"], empty["data"]["stacks"]) == (True, [])
    assert {one["urn"] for one in cloud.store.resources.values() if one["urn"]} <= staying
