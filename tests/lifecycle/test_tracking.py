"""The tracking store: opened, never made, and said to be missing or damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError, NotFoundError, StoreCorruptedError, UsageError
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking
from groundplan.modules.local import platform


@pytest.fixture
def made(provisioned: Path) -> bytes:
    return Layout(provisioned).tracking_database.read_bytes()


def layout_with(root: Path, content: bytes) -> Layout:
    layout = Layout(root)
    layout.tracking_database.parent.mkdir(parents=True)
    layout.tracking_database.write_bytes(content)
    return layout


def test_a_store_is_opened_and_keeps_what_is_written(tmp_path: Path, made: bytes) -> None:
    layout = layout_with(tmp_path, made)

    client = tracking.open_store(layout)
    experiment = client.create_experiment("churn", artifact_location=layout.artifacts.as_uri())

    assert tracking.open_store(layout).get_experiment(experiment).name == "churn"


def test_a_store_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="the tracking store is not there") as caught:
        tracking.open_store(Layout(tmp_path))

    assert caught.value.hint == "groundplan up"
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_another_mlflow_is_left_to_groundplan_up(tmp_path: Path, made: bytes) -> None:
    layout = layout_with(tmp_path, made)
    with closing(sqlite3.connect(layout.tracking_database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'cbc13b556ace'")

    with pytest.raises(GroundplanError, match="another version of MLflow") as caught:
        tracking.open_store(layout)

    assert caught.value.hint == "groundplan up brings it to the installed one."


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b"])
def test_a_path_that_mlflow_cannot_name_is_said_in_the_words_of_groundplan_up(tmp_path: Path, name: str) -> None:
    layout = Layout(tmp_path / name)

    with pytest.raises(UsageError) as opened:
        tracking.open_store(layout)
    with pytest.raises(UsageError) as provisioned:
        platform.provision(layout, project="demo")

    assert str(opened.value) == str(provisioned.value)


@pytest.mark.parametrize("damage", ["junk", "empty", "truncated", "torn", "foreign"])
def test_a_damaged_store_is_said_to_be_damaged(tmp_path: Path, made: bytes, damage: str) -> None:
    content = {
        "junk": b"this is not a database" * 500,
        "empty": b"",
        "truncated": made[: len(made) // 2],
        "torn": made[:8192] + b"\x00" * 8192 + made[16384:],
        "foreign": b"SQLite format 3\x00" + b"\xff" * 4096,
    }[damage]
    layout = layout_with(tmp_path, content)

    with pytest.raises(StoreCorruptedError, match="the tracking store is") as caught:
        tracking.open_store(layout)

    assert caught.value.where == str(layout.tracking_database)
    assert "backup" in caught.value.hint
    assert layout.tracking_database.read_bytes() == content


def test_a_store_that_is_gone_although_models_are_registered_is_not_made_anew(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.registry.mkdir(parents=True)
    layout.audit_log.write_text('{"action": "register"}\n')

    with pytest.raises(StoreCorruptedError, match="is gone"):
        tracking.open_store(layout)

    assert not layout.tracking_database.exists()
