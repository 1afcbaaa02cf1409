"""`groundplan export pulumi` as a user types it. test_plain_pulumi.py runs what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

from cloud_configs import AZURE
from terminal import call

FILES = ["Pulumi.yaml", "__main__.py", "requirements.txt", ".gitignore",
         "Pulumi.shared.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"]  # fmt: skip


def test_the_project_goes_beside_the_config_wherever_one_stands(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(AZURE)
    (tmp_path / "src").mkdir()

    done = call("export", "pulumi", "--format", "json", cwd=tmp_path / "src")

    assert json.loads(done.stdout)["data"] == {
        "folder": str(tmp_path / "infra"),
        "project": "churn",
        "platform": "azureml",
        "stacks": ["shared", "dev", "prod"],
        "files": [{"path": path, "outcome": "created"} for path in FILES],
    }
    assert sorted(path.name for path in (tmp_path / "infra").iterdir()) == sorted(FILES)


def test_out_chooses_another_folder_and_the_next_commands_name_it(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{AZURE}state: {{backend: 'azblob://s', secrets_provider: 'azurekeyvault://k'}}\n"
    )

    done = call("export", "pulumi", "--out", "deploy/azure", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split() == ["deploy/azure/Pulumi.yaml", "created"]
    assert done.stderr.splitlines() == [
        "next: pulumi -C deploy/azure install",
        "      pulumi -C deploy/azure preview --stack shared",
    ]
    assert "../../" not in (tmp_path / "deploy" / "azure" / "Pulumi.yaml").read_text()


def test_without_a_key_of_a_cloud_it_says_where_the_passphrase_is(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(AZURE)

    done = call("export", "pulumi", cwd=tmp_path, env={"XDG_CONFIG_HOME": "/home/jo/.config"})

    assert done.stderr.splitlines()[0] == (
        "next: export PULUMI_CONFIG_PASSPHRASE_FILE=/home/jo/.config/groundplan/passphrase"
    )


def test_the_laptop_has_nothing_to_export(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: churn\nplatform: local\n")

    done = call("export", "pulumi", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "platform local needs no Pulumi project" in done.stderr
    assert not (tmp_path / "infra").exists()


def test_a_users_file_in_the_way_stops_it_with_exit_code_two(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(AZURE)
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "Pulumi.yaml").write_text("name: mine\n")

    done = call("export", "pulumi", "--format", "json", cwd=tmp_path)

    assert done.returncode == 2
    assert [one["message"] for one in json.loads(done.stdout)["errors"]] == [
        "Pulumi.yaml is there and is not groundplan's"
    ]
    assert [path.name for path in (tmp_path / "infra").iterdir()] == ["Pulumi.yaml"]
