"""Data sources as files of this machine, with their digests; reading them is in tables.py."""

from __future__ import annotations

import csv
import io
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ....core import digests, extras, files
from ....core.errors import DataError, GroundplanError, StoreCorruptedError
from ....core.layout import Layout
from ...contract.pipeline import DataSource
from .tables import read_frame, require_file

__all__ = ["digest", "materialize", "read_frame", "require_file"]

TARGET = "target"
"""The target column of every data set that scikit-learn ships."""

_BIG_BYTES = 4_000_000
_SETTLED_SECONDS = 2.0


def materialize(source: DataSource, layout: Layout) -> tuple[Path, str]:
    """The CSV or Parquet file of a data source, and its digest.

    A file of the project is used where it is. A data set of scikit-learn is written below ``.groundplan/`` once;
    when it is there, neither scikit-learn nor pandas is imported. Raises DataError.
    """
    if source.path is not None:
        require_file(source.path)
        _require_inside(source.path, layout.root)
        return source.path, digest(source.path, layout)
    if source.sklearn is None:
        raise DataError(
            f"the rows of the data source {source.name!r} are not on this machine: it names no file of the project",
            hint="Keep a copy in the project and name it by 'path'; a step at a cloud reads what 'uri' names as it is.",
        )
    path = layout.data / f"{source.sklearn}.csv"
    if not path.exists():
        files.write_text(path, _sklearn_csv(source.sklearn))
    return path, digest(path, layout)


def digest(path: Path, layout: Layout) -> str:
    """The digest of a file; that of a big one is remembered until its size, time or inode changes."""
    status = path.stat()
    if status.st_size < _BIG_BYTES:
        return digests.of_file(path)
    memory = layout.data / "digests.json"
    known = _remembered(memory)
    stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ino} "
    entry = str(known.get(str(path.absolute()), ""))
    if entry.startswith(stamp):
        return entry.removeprefix(stamp)
    found = digests.of_file(path)
    # A file written this very moment may change again without its time changing.
    if time.time() - status.st_mtime > _SETTLED_SECONDS:
        known[str(path.absolute())] = stamp + found
        # The memory only saves time: a project that cannot be written to is read all the same.
        with suppress(GroundplanError):
            files.write_json(memory, known)
    return found


def _remembered(memory: Path) -> dict[str, Any]:
    try:
        return files.read_json(memory)
    except (OSError, StoreCorruptedError):
        return {}


def _require_inside(path: Path, root: Path) -> None:
    if not path.resolve().is_relative_to(root.resolve()):
        raise DataError(
            f"the data file {path} leaves the project {root}",
            where=str(path),
            hint="Copy it into the project; a path or a link that leads out of it cannot be reproduced elsewhere.",
        )


def _sklearn_csv(name: str) -> str:
    bunch = getattr(extras.load("sklearn.datasets"), f"load_{name}")()
    columns = [re.sub(r"[^a-z0-9]+", "_", str(column).lower()).strip("_") for column in bunch.feature_names]
    labels = _labels(name, bunch)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, TARGET])
    for features, label in zip(bunch.data.tolist(), labels, strict=True):
        writer.writerow([*features, label])
    return text.getvalue()


def _labels(name: str, bunch: Any) -> list[object]:
    values: list[Any] = bunch.target.tolist()
    if name == "digits" or "target_names" not in bunch:
        return list(values)
    return [str(bunch.target_names[value]) for value in values]
