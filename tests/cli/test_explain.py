"""``groundplan explain`` as a user types it; that each entry is right is for tests/stacks/test_knowledge.py."""

from __future__ import annotations

import json
from pathlib import Path

from terminal import call, run


def test_a_message_is_explained_with_cause_and_commands(tmp_path: Path) -> None:
    result = call("explain", "error: Soft-deleted workspace exists. Please purge or recover it.", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "AZURE_SOFT_DELETED_WORKSPACE: A deleted workspace keeps this name",
        "cause: Azure ML keeps a deleted workspace for 14 days, and its name with it.",
        "what helps:",
        "  $ az ml workspace delete --name NAME --resource-group GROUP --permanently-delete --yes",
        "  $ groundplan up",
        "source: https://github.com/Azure/ResourceModules/issues/3596",
    ]


def test_a_code_is_explained_as_json(tmp_path: Path) -> None:
    result = call("explain", "google_bucket_taken", "--format", "json", cwd=tmp_path)

    document = json.loads(result.stdout)
    assert (result.returncode, document["ok"], document["data"]["code"]) == (0, True, "GOOGLE_BUCKET_TAKEN")
    assert document["data"]["commands"] == ["groundplan plan"]


def test_a_whole_log_is_explained_from_standard_input(tmp_path: Path) -> None:
    log = "Updating (dev):\n\n    error: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE\n"

    result = run("explain", "-", cwd=tmp_path, input=log)

    assert (result.returncode, result.stdout.splitlines()[0]) == (
        0, "PASSPHRASE: The passphrase does not open the state's secrets",
    )  # fmt: skip


def test_without_a_text_the_codes_are_listed(tmp_path: Path) -> None:
    result = call("explain", cwd=tmp_path)

    lines = result.stdout.splitlines()
    assert result.returncode == 0
    assert "LOCKED                         The stack is locked" in lines
    assert lines == sorted(lines)


def test_a_code_that_is_nearly_one_is_answered_with_the_nearest(tmp_path: Path) -> None:
    result = call("explain", "GOOGLE_QUTA", cwd=tmp_path)

    assert (result.returncode, "Did you mean 'GOOGLE_QUOTA'?" in result.stderr) == (6, True)


def test_a_message_that_nobody_knows_and_an_empty_input_are_said_to_be_so(tmp_path: Path) -> None:
    unknown = call("explain", "the sky is green", cwd=tmp_path)
    empty = call("explain", "-", cwd=tmp_path)

    assert (unknown.returncode, "no entry knows this message" in unknown.stderr) == (6, True)
    assert (empty.returncode, "nothing came on standard input" in empty.stderr) == (2, True)


def test_an_endless_word_is_not_repeated(tmp_path: Path) -> None:
    result = call("explain", "x" * 5000, cwd=tmp_path)

    assert (result.returncode, "xxx" in result.stderr) == (6, False)


def test_one_word_of_several_codes_names_them_all(tmp_path: Path) -> None:
    result = run("explain", "quota", cwd=tmp_path)

    assert result.returncode == 6
    assert "AZURE_CORE_QUOTA, AZURE_ENDPOINT_QUOTA, GOOGLE_QUOTA" in result.stderr
