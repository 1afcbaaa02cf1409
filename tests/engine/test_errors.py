"""What the engine says, turned into groundplan's errors: recorded texts, each with its class and exit code.

Texts that no engine of this version prints are not proved to be recognised.
"""

from __future__ import annotations

import pytest
from groundplan.core.errors import (
    AuthenticationError,
    GroundplanError,
    PolicyError,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.core.exit_codes import ExitCode
from groundplan.stacks.engine import errors
from groundplan.stacks.engine.steps import Step, Violation
from groundplan.stacks.knowledge import entries

LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n"
    "  file:///state/.pulumi/locks/organization/toy/dev/one.json: created by team@build-7 (pid 4242) "
    "at 2026-01-02T03:04:05Z"
)
PASSPHRASE = (
    "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"
)
PLUGIN = (
    "error: no resource plugin 'pulumi-resource-gcp' found in the workspace at version v10.2.0 or on your $PATH, "
    "install the plugin using `pulumi plugin install resource gcp v10.2.0`"
)
QUOTA = next(entry for entry in entries() if entry.code == "GOOGLE_QUOTA")


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("error: getting stack configuration: get stack secrets manager: incorrect passphrase", AuthenticationError,
         "incorrect passphrase"),
        (PASSPHRASE, AuthenticationError, "passphrase must be set"),
        ("error: failed to load checkpoint: unmarshalling: unexpected end of JSON input", StoreCorruptedError,
         "unexpected end of JSON input"),
        (PLUGIN, UsageError, "pulumi-resource-gcp"),
        ("error: unable to open backend: open bucket: no such host", errors.StateBackendError, "no such host"),
        ("error: could not find default credentials", AuthenticationError, "default credentials"),
        ("error: something nobody has seen", GroundplanError, "something nobody has seen"),
    ],
)  # fmt: skip
def test_what_the_engine_says_has_a_class_and_keeps_its_words(
    text: str, kind: type[GroundplanError], said: str
) -> None:
    error = errors.of_text(f"\n code: 255\n stdout: \n stderr: {text}", stack="dev")

    assert (type(error), error.where, said in error.message) == (kind, "stack dev", True)
    assert "code: 255" not in error.message


def test_all_of_an_error_that_goes_on_over_lines_is_kept_and_nothing_that_came_before() -> None:
    text = "\n code: 255\n stdout: Resources:\n stderr: warning: w\nerror: no\n\n  Code: 403\n* denied\nerror: no\n"

    assert errors.of_text(text, stack="dev").message == "the engine failed: no Code: 403 * denied"


def test_a_missing_plugin_is_named_with_its_version_in_the_command_that_brings_it() -> None:
    assert "pulumi plugin install resource" in errors.of_text(PLUGIN, stack="dev").hint


def test_a_lock_names_its_owner_and_the_way_out() -> None:
    error = errors.locked(LOCKED, stack="dev", waited=3)

    assert error.message == ("stack dev is locked by team@build-7 (pid 4242), since 2026-01-02T03:04:05Z; waited 3 s")
    assert error.hint.endswith("groundplan unlock --environment dev")


def test_each_resource_that_failed_is_a_problem_with_its_known_cause() -> None:
    steps = [
        Step(change="create", urn="urn:pulumi:dev::toy::a:b:C::one", type="a:b:C", status="failed", error="boom"),
        Step(change="create", urn="urn:pulumi:dev::toy::a:b:C::two", type="a:b:C", status="failed",
             error=QUOTA.examples[0]),
    ]  # fmt: skip

    error = errors.failed(steps)

    assert (type(error), error.message, len(error.problems)) == (ResourceFailedError, "2 resources failed", 2)
    assert error.problems[0].message == "create of one (a:b:C) failed: boom"
    assert error.problems[1].message.endswith(f"cause: {QUOTA.cause}")
    assert error.problems[1].hint == QUOTA.fix


def test_a_lost_engine_tells_what_is_done_what_is_unknown_and_what_the_engine_said_itself() -> None:
    steps = [
        Step(change="create", urn="urn:pulumi:dev::toy::a:b:C::one", type="a:b:C", status="done"),
        Step(change="create", urn="urn:pulumi:dev::toy::a:b:C::two", type="a:b:C", status="running"),
        Step(change="create", urn="urn:pulumi:dev::toy::pulumi:providers:a::a", type="pulumi:providers:a",
             status="done"),
    ]  # fmt: skip

    error = errors.disconnected("error: boom", stack="dev", stderr="panic: no memory", steps=steps)

    assert error.message == (
        "the connection to the engine broke: boom; steps done: 1; steps whose end nobody saw: two; "
        "the engine's own words: panic: no memory"
    )
    assert error.hint == "groundplan up --environment dev goes on from what is done."


def test_a_violated_policy_has_the_exit_code_of_policies() -> None:
    said = Violation(pack="groundplan", policy="no-public", urn="urn:b", mandatory=True, message="a bucket is public")

    error = errors.violated([said])

    assert error.exit_code is PolicyError.exit_code is ExitCode.POLICY
    assert (error.message, error.where) == ("no-public: a bucket is public", "urn:b")
