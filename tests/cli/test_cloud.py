"""up, preview, drift, refresh, outputs and destroy on a cloud, as a user types them; the engine is the real one.

The program is a toy, and the cloud a stand-in: what the platforms provision is proved elsewhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pexpect
import pytest

import toy_cloud
from stand_in import StandIn
from terminal import call, clean_environment

ONE = toy_cloud.urn("dev", "one")
SCALE = toy_cloud.urn("dev", "scale", toy_cloud.SCALE)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[StandIn]:
    with StandIn(tmp_path / "stand-in") as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def root(cloud: StandIn, tmp_path: Path) -> Path:
    return toy_cloud.make(tmp_path / "project")


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    with toy_cloud.patched():
        return call(*words, cwd=root)


def document(root: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = typed(root, *words, "--format", "json")
    assert (result.returncode, result.stderr) == (code, ""), result.stdout
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_nobody_is_asked_outside_of_a_terminal_and_nothing_is_made(cloud: StandIn, root: Path) -> None:
    document(root, "up", "-e", "shared", "--yes")

    refused = [typed(root, *words) for words in (("up",), ("destroy",), ("destroy", "--yes"), ("up", "-e", "nope"))]

    assert [one.returncode for one in refused] == [2, 2, 2, 6]
    assert "groundplan up --yes" in refused[0].stderr
    assert "groundplan destroy --confirm toy" in refused[2].stderr
    assert cloud.called("Create") == ["group"]
    assert cloud.called("Delete") == []


def test_an_environment_brings_its_shared_stack_up_first_and_both_come_down_again(cloud: StandIn, root: Path) -> None:
    first = document(root, "preview")
    up = document(root, "up", "-e", "dev", "--yes")
    held = document(root, "destroy", "-e", "shared", "--confirm", "toy", code=5)
    plain = typed(root, "outputs", "-e", "dev")
    secret = document(root, "outputs", "-e", "dev", "--show-secrets")
    gone = document(root, "destroy", "--confirm", "toy")
    again = document(root, "destroy", "--confirm", "toy")
    document(root, "up", "-e", "shared", "--yes")
    warned = document(root, "preview", "-e", "dev")["warnings"][-1]

    assert [one["stack"] for one in first["data"]["stacks"]] == ["shared"]
    assert "groundplan plan -e dev" in first["warnings"][-1]
    assert [(one["stack"], one["counts"]) for one in up["data"]["stacks"]] == [
        ("shared", {"create": 1}),
        ("dev", {"create": 2}),
    ]
    assert up["data"]["stacks"][1]["after"][0]["command"] == "groundplan data upload"
    assert "needed by dev" in held["errors"][0]["message"]
    assert ("CANARY" in plain.stdout + plain.stderr, "[secret]" in plain.stdout) == (False, True)
    assert secret["data"]["stacks"][0]["outputs"]["key"] == "CANARY-of-an-output"
    assert [one["stack"] for one in gone["data"]["stacks"]] == ["dev", "shared"]
    assert gone["data"]["reserved"] == [
        {"name": "toydevone", "type": toy_cloud.ACCOUNT, "days": 7,
         "purge": "az storage purge toydevone --group rg-dev"}
    ]  # fmt: skip
    assert (again["data"]["removed"], again["data"]["stacks"]) == (False, [])
    assert "the name toydevone" in warned
    assert "was destroyed and stays taken until" in warned
    assert warned.endswith("to free it: az storage purge toydevone --group rg-dev")


def test_what_holds_data_is_replaced_and_machines_go_only_when_the_urn_is_given(cloud: StandIn, root: Path) -> None:
    toy_cloud.change(root, machines=10)
    typed(root, "up", "-e", "shared", "-e", "dev", "--yes")
    typed(root, "preview", "-e", "dev", "--out", "before.json")
    toy_cloud.change(root, location="northeurope", machines=1)

    stopped = document(root, "up", "-e", "dev", "--yes", code=5)
    other = document(root, "up", "-e", "dev", "--plan", "before.json", "--allow-replace", ONE, code=5)
    before = cloud.called("Delete")
    typed(root, "preview", "-e", "dev", "--out", "after.json")
    done = document(root, "up", "-e", "dev", "--plan", "after.json", "--allow-replace", ONE, "--allow-replace", SCALE)

    error, cut = sorted(stopped["errors"], key=lambda one: one["line"])
    assert (error["code"], error["file"], error["line"], before) == ("POLICY", "groundplan.yaml", 3, [])
    assert "loses every blob in it; the change of location forces it, which region asks for" in error["message"]
    assert cut["message"] == (
        f"update of scale ({toy_cloud.SCALE}) loses 9 of 10 machines; environments.dev asks for it"
    )
    assert (cut["line"], cut["hint"].endswith(f"--allow-replace '{SCALE}'")) == (8, True)
    assert sorted(one["message"].rpartition(": ")[2] for one in other["errors"]) == [
        "replace was not approved", "update was not approved",
    ]  # fmt: skip
    assert done["data"]["stacks"][0]["counts"] == {"update": 1, "replace": 1, "same": 1}
    assert cloud.called("Delete") == ["one"]


def test_what_is_protected_stops_a_destroy_before_anything_is_deleted(cloud: StandIn, root: Path) -> None:
    toy_cloud.change(root, protect=True)
    typed(root, "up", "-e", "shared", "-e", "dev", "--yes")

    refused = document(root, "destroy", "-e", "dev", "--confirm", "toy", code=5)
    before = cloud.called("Delete")
    group = next(error["where"] for error in refused["errors"] if error["where"].endswith("::group"))
    done = document(root, "destroy", "-e", "dev", "--confirm", "toy", "--unprotect", group, "--unprotect", ONE)

    assert (len(refused["errors"]), before) == (2, [])
    assert (done["data"]["removed"], cloud.called("Delete")) == (True, ["group", "one"])


def test_an_environment_that_left_the_config_is_told_of_keeps_the_shared_stack_and_goes_when_it_is_named(
    cloud: StandIn, root: Path
) -> None:
    document(root, "up", "-e", "dev", "--yes")
    config = root / "groundplan.yaml"
    config.write_text(config.read_text().replace("dev", "test"))

    told = document(root, "status")["warnings"]
    held = document(root, "destroy", "-e", "shared", "--confirm", "toy", code=5)
    gone = document(root, "destroy", "-e", "dev", "--confirm", "toy")
    after = document(root, "status")["warnings"]

    assert [one for one in told if one.startswith("dev is up and in groundplan.yaml no more")] != []
    assert held["errors"][0]["message"] == "the shared stack is needed by dev, which would stay"
    assert [one["stack"] for one in gone["data"]["stacks"]] == ["dev"]
    assert [one for one in after if one.startswith("dev is up")] == []


def test_drift_has_an_exit_code_and_refresh_accepts_it(cloud: StandIn, root: Path) -> None:
    typed(root, "up", "-e", "shared", "-e", "dev", "--yes")
    cloud.fault("missing", method="Read", name="one", times=3)

    drifted = document(root, "drift", code=7)
    document(root, "refresh", "-e", "dev")
    accepted = document(root, "drift")

    steps = [(one["name"], one["change"]) for stack in drifted["data"]["stacks"] for one in stack["steps"]]
    assert (steps, accepted["data"]["stacks"][1]["steps"]) == ([("one", "delete")], [])


def test_a_failure_is_a_table_of_what_was_made_what_failed_and_what_never_began(cloud: StandIn, root: Path) -> None:
    typed(root, "up", "-e", "shared", "--yes")
    cloud.fault("error", name="group", message="SkuNotAvailable")

    failed = document(root, "up", "-e", "dev", "--yes", code=4)

    steps = {one["name"]: one["status"] for one in failed["data"]["stacks"][0]["steps"]}
    assert (steps["group"], steps["one"]) == ("failed", "not started")
    assert failed["errors"][0]["code"] == "RESOURCE_FAILED"


def test_a_person_is_asked_and_a_yes_holds_only_for_the_state_that_was_shown(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)

    no = _at_a_terminal(root, "up", "-e", "shared")
    no.expect("Bring stack shared up")
    no.sendline("n")
    no.expect(pexpect.EOF)
    made_by_no = cloud.called("Create")
    late = _at_a_terminal(root, "up", "-e", "shared")
    late.expect("Bring stack shared up")
    driver.up("shared", toy_cloud.program(root, "shared"))
    late.sendline("y")
    late.expect("changed while you were asked")
    late.expect(pexpect.EOF)

    for child in (no, late):
        child.close()
    assert (no.exitstatus, made_by_no, late.exitstatus) == (130, [], 5)


def _at_a_terminal(root: Path, *words: str) -> Any:
    support = str(Path(__file__).parents[1] / "support")
    environment = {**clean_environment(PYTHONPATH=support), "TERM": "dumb"}
    os.environ.pop("CI", None)
    return cast("Any", pexpect).spawn(
        sys.executable, ["-m", "toy_cloud", *words], cwd=str(root), env=environment, timeout=90, dimensions=(40, 160)
    )  # fmt: skip
