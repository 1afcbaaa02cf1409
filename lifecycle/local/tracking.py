"""MLflow's tracking store and model registry: opened, and recognised when it is missing or damaged."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ...core import extras
from ...core.errors import GroundplanError, NotFoundError, StoreCorruptedError
from ...core.files import explained
from ...core.layout import Layout, sqlite_uri


def open_store(layout: Layout) -> Any:
    """An ``MlflowClient`` on the project's own SQLite store, which ``groundplan up`` makes.

    Raises NotFoundError when there is none, StoreCorruptedError for a damaged one and for one that is gone although
    models are registered in it, UsageError for a path that MLflow cannot name.
    """
    database = layout.tracking_database
    uri = sqlite_uri(database)
    if not database.exists():
        raise _missing(layout)
    _check(database)
    mlflow = _load_quietly()
    with explained(database):
        try:
            client = extras.load("mlflow.tracking").MlflowClient(tracking_uri=uri, registry_uri=uri)
            client.search_experiments(max_results=1)
        except (mlflow.exceptions.MlflowException, extras.load("sqlalchemy").exc.SQLAlchemyError) as error:
            raise _unusable(database, error) from error
    return client


def _missing(layout: Layout) -> GroundplanError:
    if layout.audit_log.exists() and layout.audit_log.stat().st_size:
        return _damaged(layout.tracking_database, "is gone although the audit log knows registered models")
    return NotFoundError("the tracking store is not there", where=str(layout.tracking_database), hint="groundplan up")


def _check(database: Path) -> None:
    """Raises StoreCorruptedError for a file that is no whole MLflow database."""
    if not database.is_file():
        raise _damaged(database, "is not a file")
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
            hint="groundplan up brings it to the installed one.",
        )
    return GroundplanError(f"cannot use the tracking store: {error}".splitlines()[0], where=str(database))


def _load_quietly() -> Any:
    mlflow = extras.load("mlflow")
    # Only now: importing MLflow sets its loggers to INFO.
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow
