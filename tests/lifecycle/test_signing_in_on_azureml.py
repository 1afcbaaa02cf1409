"""Who is not signed in to Azure reads one line of it: azure-identity's own messages, by its own credentials."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import AzureCliCredential, AzurePowerShellCredential, ChainedTokenCredential, EnvironmentCredential
from groundplan.core.errors import AuthenticationError
from groundplan.lifecycle.azureml import client, errors

SCOPE = "https://management.azure.com/.default"


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any sign-in, and without programs but those in this folder."""
    for name in [one for one in os.environ if one.startswith(("AZURE_", "MSI_", "IDENTITY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def said() -> str:
    """What a command says when none of these ways signs in."""
    client.credential()
    ways = ChainedTokenCredential(EnvironmentCredential(), AzureCliCredential(), AzurePowerShellCredential())
    with pytest.raises(ClientAuthenticationError) as refused:
        ways.get_token(SCOPE)
    error = errors.translated(refused.value, doing="list models", resource="workspace dev")
    assert isinstance(error, AuthenticationError)
    assert error.hint.startswith("az login")
    return error.message


def test_ways_that_nobody_set_up_are_named_and_nothing_else_is_printed(
    nobody: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said() == ("not signed in to Azure: none of these is set up: Environment, AzureCli, AzurePowerShell")
    assert capfd.readouterr() == ("", "")


def test_a_sign_in_that_has_run_out_is_said_before_what_is_not_set_up(nobody: Path) -> None:
    program = nobody / "az"
    program.write_text("#!/bin/sh\necho 'ERROR: AADSTS700082: The refresh token has expired.' >&2\nexit 1\n")
    program.chmod(0o755)

    message = said()

    assert message.startswith("not signed in to Azure: AzureCli: ")
    assert "AADSTS700082" in message
    assert "Environment" not in message


def test_a_token_that_azure_itself_refuses_is_told_in_its_own_words() -> None:
    refused = ClientAuthenticationError("(InvalidAuthenticationToken) The access token\nhas expired.")

    error = errors.translated(refused, doing="list models", resource="workspace dev")

    assert (type(error), error.message) == (
        AuthenticationError, "not signed in to Azure: (InvalidAuthenticationToken) The access token has expired."
    )  # fmt: skip
