"""MLflow's SQLite database: looked at without MLflow, made and migrated beside its place and then moved there."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core import extras
from ...core.errors import GroundplanError, MissingExtraError, ResourceFailedError, StoreCorruptedError, UsageError
from ...core.files import explained
from ...core.layout import sqlite_uri

_CONTENT = ("runs", "registered_models", "model_versions", "logged_models")
WORKSHOP = ".new-"
"""How the folder beside the database begins in which a new one is made; what a kill left of it may go."""

_BUSY_SECONDS = 5.0
_ROOM_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What a database holds: the revision of its tables (None: half made) and the rows that a person would miss."""

    revision: str | None
    rows: int

    @property
    def holds_nothing(self) -> bool:
        """Whether it can be made anew without losing anything."""
        return self.rows == 0


def inspect(path: Path) -> Inspection | None:
    """What the file holds; None when there is none, or an empty one. Raises StoreCorruptedError."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with _reading(path) as connection:
        problems = [row[0] for row in connection.execute("PRAGMA quick_check")]
        if problems != ["ok"]:
            raise corrupted(path, problems[0].splitlines()[0])
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = sum(_count(connection, table) for table in _CONTENT if table in tables)
        complete = tables.issuperset(_CONTENT) and "alembic_version" in tables
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall() if complete else []
    return Inspection(revision=revisions[0][0] if revisions else None, rows=rows)


def registered(path: Path) -> tuple[int, int] | None:
    """How many models and versions are registered, without MLflow; None where the file cannot be read."""
    if not path.is_file() or path.stat().st_size == 0:
        return 0, 0
    try:
        with closing(sqlite3.connect(path, timeout=1.0)) as connection:
            return _count(connection, "registered_models"), _count(connection, "model_versions")
    except sqlite3.Error:
        return None


def create(path: Path, *, artifacts_uri: str) -> None:
    """Make an empty database of the installed MLflow; whatever is at ``path`` is replaced."""
    with _replacing(path) as new:
        _make(new, artifacts_uri)


def upgrade(path: Path) -> None:
    """Migrate a database to the installed MLflow: a copy is migrated, then takes its place."""
    revision = (inspect(path) or Inspection(revision=None, rows=0)).revision
    if revision is None:
        raise corrupted(path, "tables are missing")
    if revision not in _known_revisions():
        raise UsageError(
            f"a newer MLflow than the installed {mlflow_version()} wrote the tracking store (revision {revision})",
            where=str(path),
            hint="pip install --upgrade 'groundplan[local]'",
        )
    with _replacing(path) as new:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(new)) as copy:
            source.backup(copy)
        _migrate(new)


def mlflow_version() -> str:
    """The installed MLflow's version, without importing it. Raises MissingExtraError."""
    for name in ("mlflow-skinny", "mlflow"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise MissingExtraError(
        "mlflow is not installed; the local platform needs the extra 'local'", hint="pip install 'groundplan[local]'"
    )


def newest_revision() -> str:
    """The revision of the installed MLflow's tables."""
    head: str = _scripts().get_current_head()
    return head


def _known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> Any:
    folder = Path(extras.load("mlflow.store").__file__).parent / "db_migrations"
    return extras.load("alembic.script").ScriptDirectory(str(folder))


def _make(path: Path, artifacts_uri: str) -> None:
    store = extras.load("mlflow.store.tracking.sqlalchemy_store").SqlAlchemyStore(f"sqlite:///{path}", artifacts_uri)
    store.engine.dispose()


def _migrate(path: Path) -> None:
    engine = extras.load("sqlalchemy").create_engine(f"sqlite:///{path}")
    try:
        # What the command `mlflow db upgrade` calls.
        extras.load("mlflow.store.db.utils")._upgrade_db(engine)  # noqa: SLF001
    finally:
        engine.dispose()


@contextmanager
def _replacing(path: Path) -> Generator[Path]:
    """A path to build a database at; it takes the place of ``path`` when the block ends well."""
    sqlite_uri(path)
    foreign = (
        extras.load("sqlalchemy.exc").SQLAlchemyError,
        extras.load("mlflow.exceptions").MlflowException,
        sqlite3.Error,
    )
    with explained(path):
        # A name of its own each time: MLflow keeps its connections by path, those of a failed try too.
        workshop = Path(tempfile.mkdtemp(prefix=WORKSHOP, dir=path.parent))
        try:
            with _quiet(workshop):
                yield workshop / path.name
            _move(workshop / path.name, path)
        except foreign as error:
            raise _failed(path, error) from error
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


def _move(new: Path, path: Path) -> None:
    """Put the finished database in its place; an old journal must not be played back into it."""
    with new.open("rb") as stream:
        os.fsync(stream.fileno())
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    new.replace(path)


@contextmanager
def _quiet(folder: Path) -> Generator[None]:
    """MLflow tells its migrations as warnings to nobody, and leaves a lock file in the temporary folder: this one."""
    logger, temporary = logging.getLogger("mlflow"), tempfile.tempdir
    level = logger.level
    logger.setLevel(logging.WARNING)
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = temporary
        logger.setLevel(level)


@contextmanager
def _reading(path: Path) -> Generator[sqlite3.Connection]:
    """A connection that asks only; what SQLite says of a broken or a busy file becomes an error for people."""
    try:
        with explained(path), closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA query_only = ON")
            yield connection
    except sqlite3.OperationalError as error:
        raise ResourceFailedError(
            f"the tracking store cannot be read now: {error}",
            where=str(path),
            hint="End the program that holds it open (such as mlflow ui), and run the command again.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise corrupted(path, str(error)) from error


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 names of our own
    return count


def _failed(path: Path, error: Exception) -> GroundplanError:
    # SQLite's own words for a full disk are lost on the way through a migration that goes on after it.
    full = shutil.disk_usage(path.parent).free < _ROOM_BYTES
    return ResourceFailedError(
        f"the tracking store could not be made: {str(error).splitlines()[0]}",
        where=str(path),
        hint="The disk is full: free some space and run the command again; what was there before is unchanged."
        if full
        else "What was there before is unchanged; groundplan doctor shows what is missing.",
    )


def corrupted(path: Path, detail: str) -> StoreCorruptedError:
    """The error for a database that cannot be trusted, with the ways out."""
    return StoreCorruptedError(
        f"the tracking store is damaged: {detail}",
        where=str(path),
        hint=f"Put a backup of {path.name} back there; without one: groundplan destroy, then groundplan up and run.",
    )
