"""The driver with the real engine against a stand-in cloud: what each operation does, and what it says of it.

A real cloud is not asked; what the stand-in takes for granted, such as how long things last, is not proved.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import (
    AuthenticationError,
    GroundplanError,
    LockedError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.stacks.engine import operations
from groundplan.stacks.engine.steps import Outcome, Step

import toy_cloud
from stand_in import StandIn

CANARY = "CANARY-of-an-output"


def names(outcome: Outcome) -> list[tuple[str, str, str]]:
    """Change, name and status of each step that the cloud sees."""
    return sorted((step.change, step.name, step.status) for step in outcome.changes if not step.is_bookkeeping)


def test_a_stack_goes_up_stays_changes_drifts_and_comes_down(cloud: StandIn, root: Path) -> None:
    seen: list[Step] = []
    driver = toy_cloud.driver(root, observer=seen.append)
    program = toy_cloud.program(root, "dev")

    previewed = driver.preview("dev", program)
    before = driver.state("dev")
    made = driver.up("dev", program)
    again = driver.preview("dev", program)
    toy_cloud.change(root, sku="Standard_GRS")
    changed = driver.up("dev", program)
    gone = driver.destroy("dev")
    empty = driver.destroy("dev")

    assert names(previewed) == [("create", "group", "planned"), ("create", "one", "planned")]
    assert before is not None
    assert before.resources == ()
    assert names(made) == [("create", "group", "done"), ("create", "one", "done")]
    assert {step.name for step in seen if step.status == "done"} >= {"group", "one"}
    assert (made.outputs["key"], made.outputs["group"]) == ("[secret]", "rg-dev")
    assert (again.changes, again.counts) == ((), {"same": 2})
    assert [(step.change, step.name, step.changed) for step in changed.changes] == [("update", "one", ("sku.name",))]
    assert names(gone) == [("delete", "group", "done"), ("delete", "one", "done")]
    assert (empty.steps, empty.error) == ((), None)
    assert cloud.called("Create") == ["group", "one"]


def test_a_replacement_is_one_step_that_names_the_properties_which_force_it(cloud: StandIn, root: Path) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    driver.up("dev", program)
    toy_cloud.change(root, location="northeurope")

    previewed = driver.preview("dev", program)
    done = driver.up("dev", program)

    assert [(step.change, step.name, step.replaced_by) for step in previewed.changes] == [
        ("replace", "one", ("location",))
    ]
    assert names(done) == [("replace", "one", "done")]


def test_drift_is_told_and_the_state_stays_byte_for_byte(cloud: StandIn, root: Path) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    driver.up("dev", program)
    (state,) = (cloud.backend / ".pulumi" / "stacks" / "toy").glob("dev.json")
    before = state.read_bytes()

    same = driver.drift("dev")
    cloud.fault("missing", method="Read", name="one")
    drifted = driver.drift("dev")

    assert same.changes == ()
    assert [(step.change, step.name) for step in drifted.changes] == [("delete", "one")]
    assert state.read_bytes() == before
    refreshed = driver.refresh("dev")
    assert (refreshed.error, state.read_bytes() == before) == (None, False)


def test_what_fails_is_told_what_is_made_is_kept_and_the_rest_comes_with_the_next_up(
    cloud: StandIn, root: Path
) -> None:
    toy_cloud.change(root, accounts=["one", "two", "three"])
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    cloud.fault("error", name="two", message="QuotaExceeded: Operation results in exceeding quota limits")

    first = driver.up("dev", program)
    second = driver.up("dev", program)

    assert isinstance(first.error, ResourceFailedError)
    (problem,) = first.error.problems
    assert "two" in problem.message
    assert "exceeding quota limits" in problem.message
    assert problem.where == toy_cloud.urn("dev", "two")
    failed = {step.name: step.status for step in first.steps if not step.is_bookkeeping}
    assert failed["two"] == "failed"
    assert names(second)[-1] == ("create", "two", "done")
    assert (second.error, cloud.called("Create").count("one")) == (None, 1)


def test_a_resource_that_was_made_and_is_not_ready_is_degraded_and_updated_next_time(
    cloud: StandIn, root: Path
) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    cloud.fault("init-failed", name="one", message="it did not become ready")

    first = driver.up("dev", program)
    second = driver.up("dev", program)

    assert isinstance(first.error, ResourceFailedError)
    assert "it did not become ready" in first.error.problems[0].message
    assert (second.error, cloud.called("Create").count("one")) == (None, 1)


def test_no_secret_is_in_anything_but_what_was_asked_for(cloud: StandIn, root: Path) -> None:
    seen: list[Step] = []
    driver, program = toy_cloud.driver(root, observer=seen.append), toy_cloud.program(root, "dev")

    outcomes = [driver.preview("dev", program), driver.up("dev", program), driver.drift("dev")]
    shown, hidden = driver.outputs("dev", show_secrets=True), driver.outputs("dev", show_secrets=False)

    assert (shown["key"], hidden["key"]) == (CANARY, "[secret]")
    assert CANARY not in repr((outcomes, seen, hidden, driver.state("dev")))
    kept = [path for folder in (root, cloud.backend) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []


def test_the_wrong_passphrase_is_an_error_of_authentication(
    cloud: StandIn, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    driver.up("dev", program)

    refused: list[GroundplanError | None] = []
    for wrong in ("another one", ""):
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", wrong)
        refused.append(driver.preview("dev", program).error)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "new-machine"))
    refused.append(driver.up("dev", program).error)

    assert [type(error) for error in refused] == [AuthenticationError] * 3
    assert ["PULUMI_CONFIG_PASSPHRASE" in error.hint for error in refused if error is not None] == [True] * 3


def test_a_provider_that_is_not_installed_is_named_with_the_command_that_brings_it(
    cloud: StandIn, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_DEBUG_PROVIDERS")

    error = toy_cloud.driver(root).preview("dev", toy_cloud.program(root, "dev")).error

    assert error is not None
    assert (type(error), cloud.calls) == (UsageError, [])
    assert "pulumi plugin install resource azure-native 3.29.0" in error.hint


def test_a_stack_that_was_never_made_has_no_state_no_outputs_and_nothing_to_destroy(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)

    assert driver.state("dev") is None
    with pytest.raises(NotFoundError, match="dev does not exist"):
        driver.outputs("dev", show_secrets=False)
    assert isinstance(driver.destroy("dev").error, NotFoundError)


def test_a_locked_stack_names_its_owner_after_the_wait_and_can_be_previewed(cloud: StandIn, root: Path) -> None:
    driver, program = toy_cloud.driver(root, lock_seconds=0.5), toy_cloud.program(root, "dev")
    driver.up("dev", program)
    locks = cloud.backend / ".pulumi" / "locks" / "organization" / "toy" / "dev"
    locks.mkdir(parents=True, exist_ok=True)
    owner = {"pid": 4242, "username": "team", "hostname": "elsewhere", "timestamp": "2026-01-02T03:04:05Z"}
    (locks / "left.json").write_text(json.dumps(owner))

    previewed = driver.preview("dev", program)
    with pytest.raises(LockedError, match="team@elsewhere"):
        driver.up("dev", program)
    (locks / "left.json").unlink()

    assert previewed.error is None
    assert driver.up("dev", program).error is None


@pytest.mark.parametrize("content", [b"", b"{", b"no json", b'{"version": 3}'])
def test_a_damaged_state_is_an_error_and_no_trace(cloud: StandIn, root: Path, content: bytes) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    driver.preview("dev", program)
    (cloud.backend / ".pulumi" / "stacks" / "toy" / "dev.json").write_bytes(content)

    outcome = driver.preview("dev", program)

    assert isinstance(outcome.error, GroundplanError)
    assert type(outcome.error) in (StoreCorruptedError, GroundplanError)


def test_what_the_program_raises_is_told_with_its_place_and_prints_nothing(
    cloud: StandIn, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    driver = toy_cloud.driver(root)

    def noisy() -> None:
        print("a line that must not be in the result")
        raise SystemExit(3)

    def refused() -> None:
        raise GroundplanError("the config does not allow it", hint="change it")

    loud, own = driver.preview("dev", noisy), driver.preview("dev", refused)

    assert isinstance(loud.error, operations.errors.ProgramError)
    assert (loud.error.message, Path(loud.error.where.split(":")[0]).name) == (
        "the stack's program stopped: SystemExit: 3",
        "test_operations.py",
    )
    assert own.error is not None
    assert (own.error.message, own.error.hint) == ("the config does not allow it", "change it")
    assert capsys.readouterr().out == ""


def test_an_unwritable_backend_is_an_error_that_says_where_the_state_is(
    cloud: StandIn, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{root}/nowhere/at/all")

    outcome: Any = toy_cloud.driver(root).preview("dev", toy_cloud.program(root, "dev"))

    assert outcome.error.code == "STATE_BACKEND"
