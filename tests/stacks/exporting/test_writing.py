"""An export replaces what an export made, and nothing else: not a user's file, not what encrypts a stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import UsageError
from groundplan.stacks.exporting.project import PulumiProject, files_of
from groundplan.stacks.exporting.writing import Written, write

PROJECT = PulumiProject(name="churn", platform="azureml", stacks=("shared", "dev"), to_config="..")
ENCRYPTED = replace(PROJECT, backend="azblob://state", secrets_provider="azurekeyvault://kv.vault.azure.net/keys/state")
SALT = "encryptionsalt: v1:e2QcJQ/2c4g=:v1:Z5mQggPu3TUqj4Ay:/TGgb3PHBAeGVhhiEJgn3ZKa93rJZA==\n"
KEPT = (
    "Pulumi.dev.yaml keeps what encrypts the stack now; to change it: pulumi stack change-secrets-provider"
    ' --stack dev "azurekeyvault://kv.vault.azure.net/keys/state"'
)
HINT = "Choose another folder with --out, or move the file away; groundplan replaces only what it generated."


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def outcomes(written: tuple[Written, ...]) -> dict[str, str]:
    return {one.path: one.outcome for one in written}


def test_files_are_created_then_unchanged_then_updated(tmp_path: Path) -> None:
    names = [one.path for one in files_of(PROJECT)]

    assert outcomes(write(tmp_path / "new" / "infra", files_of(PROJECT))) == dict.fromkeys(names, "created")
    assert outcomes(write(tmp_path / "new" / "infra", files_of(PROJECT))) == dict.fromkeys(names, "unchanged")

    changed = write(tmp_path / "new" / "infra", files_of(ENCRYPTED))
    assert outcomes(changed) == {
        **dict.fromkeys(names, "unchanged"),
        **dict.fromkeys(("Pulumi.yaml", "Pulumi.shared.yaml", "Pulumi.dev.yaml"), "updated"),
    }
    assert contents(tmp_path / "new" / "infra") == {one.path: one.text for one in files_of(ENCRYPTED)}


@pytest.mark.parametrize("name", ["Pulumi.yaml", "__main__.py", "requirements.txt", ".gitignore", "Pulumi.dev.yaml"])
def test_a_users_file_is_never_replaced_and_then_nothing_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine\n")

    with pytest.raises(UsageError) as caught:
        write(tmp_path, files_of(PROJECT))

    assert [(one.message, one.where, one.hint) for one in caught.value.problems] == [
        (f"{name} is there and is not groundplan's", str(tmp_path / name), HINT)
    ]
    assert contents(tmp_path) == {name: "mine\n"}


def test_all_files_in_the_way_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: other\n")
    (tmp_path / "__main__.py").write_bytes(b"\xff\xfe")
    (tmp_path / "Pulumi.dev.yaml").mkdir()

    with pytest.raises(UsageError) as caught:
        write(tmp_path, files_of(PROJECT))

    assert [Path(one.where).name for one in caught.value.problems] == ["Pulumi.yaml", "__main__.py", "Pulumi.dev.yaml"]


def test_a_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.yaml"
    target.write_text("precious\n")
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "Pulumi.yaml").symlink_to(target)

    with pytest.raises(UsageError):
        write(folder, files_of(PROJECT))

    assert (target.read_text(), [path.name for path in folder.iterdir()]) == ("precious\n", ["Pulumi.yaml"])


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (f"{SALT}config:\n  churn:own: value\n",
         KEPT),
        ("secretsprovider: azurekeyvault://kv.vault.azure.net/keys/state\nencryptedkey: QUJD\n", ""),
    ],
)  # fmt: skip
def test_what_encrypts_a_stack_is_kept_and_a_change_of_it_is_a_persons_to_make(
    tmp_path: Path, content: str, warning: str
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(content)

    written = {one.path: one for one in write(tmp_path, files_of(ENCRYPTED))}

    assert written["Pulumi.dev.yaml"] == Written(path="Pulumi.dev.yaml", outcome="kept", warning=warning)
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == content
    assert written["Pulumi.shared.yaml"].outcome == "created"
