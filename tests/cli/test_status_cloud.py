"""``groundplan status`` on a cloud: what it tells of stacks that are up, half-done, damaged or out of reach.

The engine is the real one, the cloud a stand-in. That the real stacks export what is read here is proved where they
are brought up.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

import toy_cloud
from stand_in import StandIn
from terminal import call

CONFIG = (
    toy_cloud.CONFIG
    + """\
models: {toy: {}}
endpoints:
  toy: {}
  later: {model: toy}
  fixed: {model: toy, pinned: {uri: "azureml://registries/r/models/m/versions/3"}}
"""
)
OUTPUTS: dict[str, object] = {
    "workspace": {"name": "mlw-toy-dev", "id": "/subscriptions/…"},
    "storage": {"name": "sttoydev", "artifacts": "azureml://artifacts", "data": "azureml://data"},
    "endpoints": {
        name: {"name": f"{name}-1a2b", "id": "/subscriptions/…", "scoring_uri": f"https://{name}.example.com/score"}
        for name in ("toy", "fixed", "gone")
    },
    "steps": [{"title": "upload data", "reason": "no resource does it", "command": "groundplan data upload"}],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    with StandIn(tmp_path / "stand-in") as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        root = toy_cloud.make(tmp_path / "project")
        (root / "groundplan.yaml").write_text(CONFIG)
        yield root


def program(root: Path) -> Callable[[], None]:
    """The toy's environment, with the outputs that a real one has."""

    def run() -> None:
        import pulumi

        toy_cloud.program(root, "dev")()
        for name, value in OUTPUTS.items():
            pulumi.export(name, value)

    return run


def status(root: Path, *, code: int = 0, env: dict[str, str] | None = None) -> dict[str, Any]:
    result = call("status", "--format", "json", cwd=root, env=env)
    assert (result.returncode, result.stderr) == (code, ""), result.stdout
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def state_file(stack: str) -> Path:
    backend = os.environ["PULUMI_BACKEND_URL"].removeprefix("file://")
    return Path(backend, ".pulumi", "stacks", "toy", f"{stack}.json")


def bring_up(root: Path) -> None:
    driver = toy_cloud.driver(root)
    for stack, what in (("shared", toy_cloud.program(root, "shared")), ("dev", program(root))):
        assert driver.up(stack, what).error is None


def standings(document: dict[str, Any]) -> dict[str, str]:
    return {one["stack"]: one["status"] for one in document["data"]["stacks"]}


def test_before_the_first_up_nothing_is_there_and_nothing_is_made(root: Path) -> None:
    found = status(root)

    assert standings(found) == {"shared": "not up", "dev": "not up", "prod": "not up"}
    assert {one["serves"] for one in found["data"]["stacks"][1]["endpoints"]} == {"not provisioned yet"}
    assert found["next"] == ["groundplan plan", "groundplan up"]
    assert sorted(path.name for path in root.iterdir()) == ["groundplan.yaml", "toy.json"]


def test_what_is_up_is_told_with_its_endpoints_and_the_steps_after_up(root: Path) -> None:
    bring_up(root)

    found = status(root)
    text = call("status", cwd=root)

    assert standings(found) == {"shared": "up", "dev": "up", "prod": "not up"}
    dev = found["data"]["stacks"][1]
    assert dev.pop("changed") > "2020"
    assert dev == {
        "stack": "dev", "status": "up", "tier": "development", "region": "westeurope", "resources": 2,
        "places": {"workspace": "mlw-toy-dev", "storage": "sttoydev", "data": "azureml://data"},
        "endpoints": [
            _endpoint("toy", "what the lifecycle deploys; groundplan status --live asks the cloud"),
            {"endpoint": "later", "kind": "online", "name": None, "scoring_uri": None, "serves": "not provisioned yet"},
            _endpoint("fixed", "the model that the config pins: azureml://registries/r/models/m/versions/3"),
            {**_endpoint("gone", "no longer in the config; the next up removes it"), "kind": None},
        ],
        "after": OUTPUTS["steps"], "interruptions": [], "running": [], "reserved": [],
    }  # fmt: skip
    assert found["next"] == ["groundplan up -e prod"]
    assert (text.returncode, "CANARY" in text.stdout + json.dumps(found)) == (0, False)
    assert "endpoint toy (toy-1a2b): what the lifecycle deploys; groundplan status --live asks the cloud" in text.stdout
    assert "  $ groundplan data upload" in "".join(text.stdout)


def _endpoint(name: str, serves: str) -> dict[str, object]:
    uri = f"https://{name}.example.com/score"
    return {"endpoint": name, "kind": "online", "name": f"{name}-1a2b", "scoring_uri": uri, "serves": serves}


def test_what_an_interruption_left_behind_comes_with_its_command(root: Path) -> None:
    bring_up(root)
    path = state_file("dev")
    state = json.loads(path.read_text())
    latest = state["checkpoint"]["latest"]
    account = next(one for one in latest["resources"] if one["type"] == toy_cloud.ACCOUNT)
    latest["pending_operations"] = [{"resource": account, "type": "updating"}]
    path.write_text(json.dumps(state))
    lock = Path(*path.parts[:-3], "locks", "organization", "toy", "shared", "one.json")
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 2**22 + 1, "username": "jo", "hostname": socket.gethostname(), "timestamp": "2026-11-21T08:00:00Z"}
    lock.write_text(json.dumps(holder))

    found = status(root)
    path.write_bytes(path.read_bytes()[:200])
    damaged = status(root)

    kinds = {one["stack"]: [each["kind"] for each in one["interruptions"]] for one in found["data"]["stacks"]}
    assert kinds == {"shared": ["lock"], "dev": ["pending"], "prod": []}
    assert standings(found) == {"shared": "interrupted", "dev": "interrupted", "prod": "not up"}
    assert found["next"] == ["groundplan repair --environment shared", "groundplan repair --environment dev"]
    assert (standings(damaged), damaged["next"][1]) == (
        standings(found), "groundplan state restore --environment dev"
    )  # fmt: skip


def test_without_an_engine_it_says_so_and_shows_what_the_config_says(root: Path, tmp_path: Path) -> None:
    nothing = {name: str(tmp_path / "nothing") for name in ("PATH", "XDG_DATA_HOME", "PULUMI_HOME")}

    found = status(root, code=2, env=nothing)

    assert standings(found) == {"shared": "unknown", "dev": "unknown", "prod": "unknown"}
    assert "engine was not found" in found["errors"][0]["message"]
    assert [one["endpoint"] for one in found["data"]["stacks"][1]["endpoints"]] == ["toy", "later", "fixed"]


def test_a_backend_that_is_out_of_reach_is_said_without_its_password(root: Path) -> None:
    backend = {"PULUMI_BACKEND_URL": "https://jo:CANARY@127.0.0.1:9/pulumi"}

    result = call("status", "--format", "json", cwd=root, env=backend)
    found = json.loads(result.stdout)

    assert result.returncode != 0
    assert standings(found) == {"shared": "unknown", "dev": "unknown", "prod": "unknown"}
    assert (found["data"]["backend"], "CANARY" in result.stdout + result.stderr) == (
        "https://127.0.0.1:9/pulumi",
        False,
    )
