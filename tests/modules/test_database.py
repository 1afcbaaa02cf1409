"""MLflow's database: made, migrated, recognised when it is half made, damaged or from another MLflow.

Which migrations MLflow runs is MLflow's; that a store of an older one keeps its rows is shown for one.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import extras
from groundplan.core.errors import ResourceFailedError, StoreCorruptedError, UsageError
from groundplan.core.layout import Layout
from groundplan.modules.local import database, platform
from groundplan.modules.local.registry import LocalRegistry

OLDER = "534353b11cbc"
"""The revision of the tables of MLflow 3.3 or so."""


def registry(layout: Layout) -> LocalRegistry:
    return LocalRegistry(layout, layout.artifacts.as_uri())


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def register_model(path: Path) -> None:
    execute(path, "INSERT INTO registered_models (name, creation_time) VALUES ('churn', 1)")


def test_mlflow_itself_can_work_with_what_is_made(project: Layout) -> None:
    uri = registry(project).outputs.tracking_uri
    client: Any = extras.load("mlflow.tracking").MlflowClient(tracking_uri=uri, registry_uri=uri)

    client.create_registered_model("churn")
    client.create_model_version("churn", source=project.artifacts.as_uri())
    client.set_registered_model_alias("churn", "dev", "1")

    assert client.get_model_version_by_alias("churn", "dev").version in (1, "1")
    assert database.registered(project.tracking_database) == (1, 1)
    assert registry(project).state() == "ready"


def test_looking_at_a_database_needs_no_mlflow(project: Layout) -> None:
    program = (
        "import sys; from pathlib import Path; from groundplan.core.layout import Layout;"
        "from groundplan.modules.local import platform;"
        f"layout = Layout(Path({str(project.root)!r})); done = platform.provision(layout, project='demo');"
        "print([one.outcome for one in done], 'mlflow' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == f"{['unchanged'] * 4} False False"


@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_said_and_left_alone(project: Layout, content: bytes) -> None:
    project.tracking_database.write_bytes(content)

    with pytest.raises(StoreCorruptedError) as error:
        platform.provision(project, project="demo")

    assert (error.value.where, project.tracking_database.read_bytes()) == (str(project.tracking_database), content)
    assert "groundplan destroy" in error.value.hint


def test_a_cut_off_database_is_said_and_left_alone(project: Layout) -> None:
    content = project.tracking_database.read_bytes()
    project.tracking_database.write_bytes(content[: len(content) // 2])

    with pytest.raises(StoreCorruptedError):
        registry(project).state()
    assert database.registered(project.tracking_database) is None


def test_an_empty_file_is_made_anew(empty: Layout) -> None:
    empty.tracking_database.parent.mkdir(parents=True)
    empty.tracking_database.touch()

    registry(empty).provision()

    assert registry(empty).state() == "ready"


def test_a_half_made_database_without_rows_is_made_anew(project: Layout, empty: Layout) -> None:
    execute(project.tracking_database, "DROP TABLE logged_models")
    shutil.copytree(project.state, empty.state)

    before = registry(empty).state()
    registry(empty).provision()

    assert (before, registry(empty).state()) == ("incomplete", "ready")


def test_a_half_made_database_with_rows_is_said_and_left_alone(project: Layout) -> None:
    register_model(project.tracking_database)
    execute(project.tracking_database, "DROP TABLE logged_models")
    before = project.tracking_database.read_bytes()

    with pytest.raises(StoreCorruptedError, match="tables are missing"):
        registry(project).provision()

    assert project.tracking_database.read_bytes() == before


@pytest.mark.parametrize("gone", [True, False])
def test_a_database_that_lost_the_models_of_the_audit_log_is_not_made_anew(project: Layout, gone: bool) -> None:
    project.registry.mkdir()
    project.audit_log.write_text('{"action": "register"}\n')
    if gone:
        project.tracking_database.unlink()

    with pytest.raises(StoreCorruptedError, match="the models of the audit log"):
        registry(project).provision()

    assert project.tracking_database.exists() is not gone


def test_an_old_journal_is_not_played_back_into_a_new_database(project: Layout, empty: Layout) -> None:
    journal = empty.tracking_database.with_name("mlflow.db-journal")
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x00" * 600)

    registry(empty).provision()

    assert (journal.exists(), registry(empty).state()) == (False, "ready")


def test_a_store_of_an_older_mlflow_is_migrated_with_its_rows(project: Layout) -> None:
    path = project.tracking_database
    path.unlink()
    _make_older(path)
    register_model(path)
    before = registry(project).state()

    registry(project).provision()

    assert (before, registry(project).state()) == ("incomplete", "ready")
    assert database.inspect(path) == database.Inspection(revision=database.newest_revision(), rows=1)


def test_a_store_of_a_newer_mlflow_is_refused(project: Layout) -> None:
    register_model(project.tracking_database)
    execute(project.tracking_database, "UPDATE alembic_version SET version_num = 'ffffffffffff'")

    with pytest.raises(UsageError, match="a newer MLflow"):
        registry(project).provision()


def test_a_busy_database_is_no_damaged_one(project: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(project.tracking_database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ResourceFailedError, match="cannot be read now"):
            registry(project).state()
        other.rollback()


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b"])
def test_a_path_that_mlflow_cannot_name_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot keep its store"):
        platform.provision(Layout(tmp_path / name), project="demo")


def test_a_kill_during_the_migrations_leaves_no_half_made_database(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    program = (
        "import sys; from pathlib import Path; from groundplan.core.layout import Layout;"
        "from groundplan.modules.local import platform;"
        "platform.provision(Layout(Path(sys.argv[1])), project='demo')"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    while not any(path.stat().st_size > 100_000 for path in layout.state.glob("tracking/.new-*/mlflow.db")):
        assert process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    half_made = layout.tracking_database.exists()

    platform.provision(layout, project="demo")

    assert (half_made, registry(layout).state()) == (False, "ready")
    assert sorted(path.name for path in layout.tracking_database.parent.iterdir()) == [
        "artifacts",
        "mlflow.db",
        "mlflow.json",
    ]


def _make_older(path: Path) -> None:
    utilities: Any = extras.load("mlflow.store.db.utils")
    initial: Any = extras.load("mlflow.store.tracking.dbmodels.initial_models")
    engine: Any = extras.load("sqlalchemy").create_engine(f"sqlite:///{path}")
    initial.Base.metadata.create_all(engine)
    config = utilities._get_alembic_config(str(engine.url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        extras.load("alembic.command").upgrade(config, OLDER)
    engine.dispose()
