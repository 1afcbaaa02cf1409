"""destroy on a cloud whose endpoints have models: the real engine, the SDK's real client, stand-ins that share a store.

What each platform's adapter does with models is proved in tests/lifecycle/test_undeployment_on_clouds.py.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import serving_kit
import toy_cloud
from stand_in import StandIn, serving
from stand_in.services.schedules import KIND
from terminal import call


def endpoint(cloud: StandIn, stack: str) -> str:
    (found,) = (one["id"] for one in cloud.store.of_type(":OnlineEndpoint") if f"mlw-{stack}" in one["id"])
    return found


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    with toy_cloud.patched():
        return call(*words, cwd=root)


def document(root: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = typed(root, *words, "--format", "json")
    assert (result.returncode, result.stderr) == (code, ""), result.stdout
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def project(cloud: StandIn, root: Path, shares: Mapping[str, Mapping[str, int]]) -> None:
    """Bring the project up, in these environments with these models on their endpoint."""
    toy_cloud.change(root, endpoint=True, accounts=[])
    stacks = [word for stack in ("shared", *shares) for word in ("-e", stack)]
    document(root, "up", *stacks, "--yes")
    for stack, models in shares.items():
        serving.deploy_to_azure(cloud.store, endpoint(cloud, stack), models)


def watched(cloud: StandIn, version: int) -> str:
    """A schedule of Azure ML's own monitor of this version in dev."""
    workspace = endpoint(cloud, "dev").partition("/onlineEndpoints/")[0]
    schedule = f"{workspace}/schedules/churn-dev-v-{version}-drift"
    definition = {"computeConfiguration": {"computeType": "ServerlessSpark"}, "signals": {}}
    action = {"actionType": "CreateMonitor", "monitorDefinition": definition}
    properties = {"isEnabled": False, "trigger": {"triggerType": "Cron", "expression": "0 3 * * *"}, "action": action}
    cloud.store.occupy(schedule, KIND, properties=properties)
    return schedule


def test_monitors_go_and_models_are_undeployed_in_each_stack_in_turn_and_then_all_goes(
    cloud: StandIn, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(cloud, root, {"dev": {"blue": 90, "green": 10}, "prod": {"only": 100}})
    words = ("destroy", "-e", "shared", "-e", "dev", "-e", "prod", "--confirm", "toy")
    before = set(cloud.store.resources)

    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    stopped = document(root, *words, code=3)
    refused = document(root, *words, "--no-undeploy", code=4)
    left = set(cloud.store.resources)
    schedules = [watched(cloud, version) for version in (1, 4)]
    body = {"error": {"code": "AuthorizationFailed", "message": "no authorization to perform 'schedules/read'"}}
    with serving_kit.signed_in("azureml", cloud.store, tmp_path) as service:
        service.strike(method="GET", path="mlw-prod/schedules", status=403, body=body, times=99)
        done = typed(root, *words)

    (error,) = stopped["errors"]
    assert (error["code"], error["message"].endswith("nothing was removed")) == ("AUTHENTICATION", True)
    assert error["hint"].startswith("az login")
    assert error["hint"].endswith("groundplan destroy --no-undeploy")
    assert "still has deployments: only" in refused["errors"][0]["message"]
    assert ("--no-undeploy" in refused["warnings"][-1], left) == (True, before)
    told = [line.strip() for line in done.stderr.splitlines()]
    assert (
        "churn version 2 (green) is deployed to churn (churn-dev) with 10 % of its traffic; it is undeployed first"
        in told
    )
    assert [line for line in told if line.startswith(("removed the", "undeploying", "destroying"))] == [
        "undeploying churn version 1 (only) from churn-prod",
        "destroying prod",
        "removed the cloud's own monitor of version 1 at churn-dev",
        "removed the cloud's own monitor of version 4 at churn-dev",
        "undeploying churn version 2 (green) from churn-dev",
        "undeploying churn version 1 (blue) from churn-dev",
        "destroying dev",
        "destroying shared",
    ]
    assert [path for method, path in service.requests if method == "DELETE" and "/schedules/" in path] == schedules
    (left_over,) = [line for line in " ".join(told).split("warning: ") if "own monitors" in line]
    assert left_over.startswith("the cloud's own monitors of churn-prod may be left, and billed: "), told
    assert "Ask for " in left_over
    assert (done.returncode, service.asked("DELETE"), cloud.store.resources) == (0, 5, {})


def test_a_deletion_that_never_ends_stops_at_the_limit_and_can_be_run_again(
    cloud: StandIn, root: Path, tmp_path: Path
) -> None:
    project(cloud, root, {"dev": {"blue": 100}})
    words = ("destroy", "-e", "dev", "--confirm", "toy")

    with serving_kit.signed_in("azureml", cloud.store, tmp_path) as service:
        service.patience = float("inf")
        stopped = document(root, *words, "--timeout", "4", code=9)
        deletions = cloud.called("Delete")
        service.patience = 2
        for one in service.operations.values():
            one.left = 2
        document(root, *words)

    (stack,) = stopped["data"]["stacks"]
    assert ({step["status"] for step in stack["steps"]}, deletions) == ({"not started"}, [])
    assert [one["undeployed"] for one in stopped["data"]["deployed"]] == [False]
    assert "Run the same command again" in stopped["errors"][0]["hint"]
    assert [one["id"].rpartition("/")[2] for one in cloud.store.resources.values()] == ["rg-shared"]
