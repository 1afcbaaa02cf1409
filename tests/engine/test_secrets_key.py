"""A key of a key service in the place of the passphrase: it is used, and what is refused is an error of authentication.

The engine and its client of Vault are real, the service is a stand-in; what the clouds' own key services say when they
refuse is recorded (test_errors.py), not measured.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import AuthenticationError, GroundplanError
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.recovery_files import state_files
from groundplan.stacks.engine.workspace import StateSettings

import toy_cloud
from stand_in import StandIn
from stand_in.services.vault import Vault

CANARY = "CANARY-of-an-output"


@pytest.fixture
def vault(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> Generator[Vault]:
    """The key service; no passphrase is there to fall back to."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    with Vault(cloud.store) as service:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service


@pytest.fixture
def driver(root: Path) -> Driver:
    made = toy_cloud.driver(root)
    made.project = replace(made.project, settings=StateSettings(secrets_provider="hashivault://state"))
    return made


def told(error: GroundplanError | None) -> tuple[type[object], list[str]]:
    """The kind of error, and which of what a person needs to know it says."""
    assert error is not None
    needed = ("permission denied", "state.secrets_provider", "Grant encrypt and decrypt")
    return type(error), [word for word in needed if word in f"{error.message} {error.hint}"]


REFUSED = (AuthenticationError, ["permission denied", "state.secrets_provider", "Grant encrypt and decrypt"])


def test_a_key_that_may_not_encrypt_stops_up_before_anything_is_made(
    cloud: StandIn, vault: Vault, driver: Driver, root: Path
) -> None:
    vault.allowed.clear()

    refused = driver.up("dev", toy_cloud.program(root, "dev"))

    assert told(refused.error) == REFUSED
    assert cloud.called("Create") == []


def test_a_key_that_may_not_decrypt_any_more_stops_every_operation_and_leaves_the_state(
    cloud: StandIn, vault: Vault, driver: Driver, root: Path
) -> None:
    program = toy_cloud.program(root, "dev")
    files = state_files(driver.project, "dev")
    assert files is not None
    done = driver.up("dev", program)
    state, calls = files.state.read_bytes(), len(cloud.calls)

    vault.allowed.remove("decrypt")
    refused = [driver.up("dev", program), driver.preview("dev", program), driver.drift("dev"), driver.destroy("dev")]
    kept, asked = files.state.read_bytes(), len(cloud.calls)
    vault.allowed.add("decrypt")
    again = driver.up("dev", program)

    assert (done.error, CANARY.encode() in state) == (None, False)
    assert [told(one.error) for one in refused] == [REFUSED] * 4
    assert (kept == state, asked) == (True, calls)
    assert (again.error, again.changes) == (None, ())
    assert driver.outputs("dev", show_secrets=True)["key"] == CANARY
