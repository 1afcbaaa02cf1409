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

import serving_kit
from stand_in import StandIn, serving
from terminal import call

CONFIGS = Path(__file__).parents[1] / "stacks" / "configs"
ENDPOINT = {"azureml": ":OnlineEndpoint", "vertex": ":AiEndpoint"}
CANARY = {"111": 90, "222": 10}
"""What a rollout deploys, with its shares; no later ``up`` may take it back."""
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


def deploy(cloud: StandIn, platform: str, endpoint: str) -> None:
    """What the lifecycle does: a canary on the endpoint."""
    put = serving.deploy_to_vertex if platform == "vertex" else serving.deploy_to_azure
    put(cloud.store, endpoint, CANARY)


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
    deploy(cloud, platform, endpoint["id"])
    cloud.store.change(owned["id"], {f"{property}.owner": "someone-else"})
    drifted = project.run("drift", *STACKS, code=7)
    project.say("owner: new-owner@example.com")
    updated = project.run("up", "-e", "dev", "--yes")
    live = cloud.store.resources
    again = project.run("preview", "-e", "dev")

    assert (changes(same), changes(again)) == ([], [])
    assert [(change, changed) for change, _, changed in changes(drifted)] == [("update", (f"{property}.owner",))]
    assert {change for change, _, _ in changes(updated)} == {"update"}
    assert live[endpoint["id"]]["inputs"] != endpoint["inputs"]
    assert serving.traffic(live[endpoint["id"]]) == CANARY
    assert live[owned["id"]]["inputs"][property]["owner"].startswith("new-owner")

    staying = kept(cloud)
    refused = project.run("destroy", *STACKS, "--confirm", "churn", code=5)
    dev, shared = (unprotecting(refused, stack) for stack in ("dev", "shared"))
    blocked = project.run("destroy", *STACKS, "--confirm", "churn", "--no-undeploy", *dev, *shared, code=4)
    with serving_kit.signed_in(platform, cloud.store, tmp_path) as service:
        shown = project.run("destroy", "-e", "dev", "--dry-run")
        service.patience = 1
        service.strike(kind="reset", method="GET", path="/operations/")
        gone = project.run("destroy", *STACKS, "--confirm", "churn", *shared)
    empty = project.run("destroy", *STACKS, "--confirm", "churn")

    assert ("--no-undeploy" in blocked["warnings"][-1], blocked["data"]["deployed"]) == (True, [])
    assert any(endpoint["id"].rpartition("/")[2] in one["message"] for one in blocked["errors"])
    assert [models(one) for one in (shown, gone)] == [
        [("222", "2", 10, False), ("111", "1", 90, False)],
        [("222", "2", 10, True), ("111", "1", 90, True)],
    ]
    assert (gone["data"]["removed"], empty["data"]["stacks"]) == (True, [])
    assert {one["urn"] for one in cloud.store.resources.values() if one["urn"]} <= staying


def unprotecting(refused: dict[str, Any], stack: str) -> list[str]:
    """The words that take the protection from what is protected in a stack."""
    urns = [one["where"] for one in refused["errors"] if f"urn:pulumi:{stack}::" in one["where"]]
    return [word for urn in urns for word in ("--unprotect", urn)]


def models(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Id, version and share of each model that was shown, and whether it is undeployed."""
    return [
        (one["deployment"], one["version"], one["traffic"], one["undeployed"]) for one in document["data"]["deployed"]
    ]
