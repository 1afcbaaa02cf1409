"""What both steps do: read a table, end with one line on standard error when it cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

from ...core.extras import load

_pandas = load("pandas")


def read(path: Path, target: str) -> Any:
    """A CSV or Parquet file as a DataFrame that has the target column and at least one row; else ends the process."""
    try:
        frame = _pandas.read_parquet(path) if path.suffix == ".parquet" else _csv(path)
    except UnicodeDecodeError:
        fail(f"{path.name} is not UTF-8 text; save it as UTF-8")
    except (OSError, ValueError, ImportError) as error:
        fail(f"cannot read {path.name}: {str(error).strip().splitlines()[0]}")
    if target not in frame.columns:
        fail(
            f"{path.name} has no column {target!r}; set data.target to one of {', '.join(map(str, frame.columns[:20]))}"
        )
    if frame.empty:
        fail(f"{path.name} has no rows")
    return frame


def _csv(path: Path) -> Any:
    """The file as pandas reads it, which would rename a column that is there twice or has no name."""
    header = _pandas.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False).iloc[0]
    if (header == "").any():
        fail(f"{path.name} has a column without a name (column {list(header).index('') + 1})")
    if header.duplicated().any():
        fail(f"{path.name} names a column more than once: {header[header.duplicated()].iloc[0]!r}")
    return _pandas.read_csv(path)


def labelled(frame: Any, target: str, task: str) -> Any:
    """The rows that have a target, with a note on those that have none; ends the process when too little is left."""
    frame = frame.copy()
    if task == "regression":
        numbers = _pandas.to_numeric(frame[target], errors="coerce")
        numbers = numbers.where(numbers.abs() != float("inf"))
        if numbers.isna().all():
            fail(f"the target column {target!r} holds no numbers; for classes set data.task: classification")
        frame[target] = numbers
    kept = frame.dropna(subset=[target])
    if len(kept) < len(frame):
        note(f"left out {len(frame) - len(kept)} of {len(frame)} rows: they have no target")
    if kept[target].nunique() < 2:
        what = "class" if task == "classification" else "number"
        fail(f"the target column {target!r} has fewer than two different values; one {what} cannot be learned from")
    return kept


def note(message: str) -> None:
    """Say something in the step's log."""
    print(message, file=sys.stderr, flush=True)


def fail(message: str) -> NoReturn:
    """End the step; the message is the last line of its log."""
    note(f"error: {message}")
    sys.exit(1)
