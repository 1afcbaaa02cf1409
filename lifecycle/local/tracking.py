"""MLflow's tracking store and model registry: opened, made when it is not there, and recognised when it is damaged."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ...core import extras, locks
from ...core.errors import GroundplanError, StoreCorruptedError
from ...core.files import explained
from ...core.layout import Layout

_SETUP_WAIT_SECONDS = 60.0


def open_store(layout: Layout) -> Any:
    """An ``MlflowClient`` on the project's own SQLite store, which is made if there is none yet.

    Raises StoreCorruptedError for a damaged database, and for one that is gone although models are registered in it.
    """
    database = layout.tracking_database
    if not database.exists():
        with locks.held(database.with_suffix(".lock"), command="tracking store", wait_seconds=_SETUP_WAIT_SECONDS):
            if not database.exists():
                _create(layout)
    _check(database)
    mlflow = _load_quietly()
    uri = _uri(database)
    client = extras.load("mlflow.tracking").MlflowClient(tracking_uri=uri, registry_uri=uri)
    with explained(database):
        try:
            client.search_experiments(max_results=1)
        except (mlflow.exceptions.MlflowException, extras.load("sqlalchemy").exc.SQLAlchemyError) as error:
            raise _unusable(database, error) from error
    return client


def _create(layout: Layout) -> None:
    """Make the database beside its place and rename it, so that a killed migration leaves nothing behind."""
    database = layout.tracking_database
    if layout.audit_log.exists() and layout.audit_log.stat().st_size:
        raise _damaged(database, "is gone although the audit log knows registered models")
    _load_quietly()
    unfinished = database.with_name(f"{database.name}.new")
    with explained(database):
        for leftover in (unfinished, Path(f"{unfinished}-journal")):
            leftover.unlink(missing_ok=True)
        layout.artifacts.mkdir(parents=True, exist_ok=True)
    store_class = extras.load("mlflow.store.tracking.sqlalchemy_store").SqlAlchemyStore
    try:
        store = store_class(_uri(unfinished), layout.artifacts.as_uri())
    except extras.load("sqlalchemy").exc.OperationalError as error:
        raise GroundplanError(
            f"cannot make the tracking store {database}: {error.orig}",
            hint="Free some space or make the folder writable, and run the command again; nothing was half-made.",
        ) from error
    store.engine.dispose()
    with explained(database):
        unfinished.replace(database)


def _check(database: Path) -> None:
    """Raises StoreCorruptedError for a file that is no whole MLflow database."""
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != ("ok",):
                raise _damaged(database, "is damaged")
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise _damaged(database, "is no MLflow database or is empty") from error
        raise GroundplanError(f"cannot read the tracking store {database}: {error}", where=str(database)) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(database, "is damaged") from error


def _damaged(database: Path, what: str) -> StoreCorruptedError:
    return StoreCorruptedError(
        f"the tracking store {what}",
        where=str(database),
        hint=f"Put a backup of {database.name} back there; without one: groundplan destroy, then up and run.",
    )


def _unusable(database: Path, error: Exception) -> GroundplanError:
    if "out-of-date database schema" in str(error):
        return GroundplanError(
            "the tracking store was made by another version of MLflow",
            where=str(database),
            hint=f"Copy the file as a backup, then: mlflow db upgrade {_uri(database)}",
        )
    return GroundplanError(f"cannot use the tracking store: {error}".splitlines()[0], where=str(database))


def _uri(database: Path) -> str:
    return f"sqlite:///{database.absolute().as_posix()}"


def _load_quietly() -> Any:
    mlflow = extras.load("mlflow")
    # Only now: importing MLflow sets its loggers to INFO.
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow
