"""What a step wrote, held to the types it promised."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from ..core.digests import names_below
from ..core.errors import GroundplanError
from .contract.pipeline import ArtifactType

FILE_SUFFIXES: dict[ArtifactType, str] = {
    "dataset": ".csv",
    "model": "",
    "metrics": ".json",
    "report": ".html",
    "value": ".txt",
}
"""What the path that a step is given ends with; a dataset may hold Parquet all the same."""

_METRICS_LIMIT_BYTES = 1_000_000
_REPORT_LIMIT_BYTES = 50_000_000
_VALUE_LIMIT_BYTES = 65_536
_PICKLE_SUFFIXES = frozenset({".pkl", ".pickle", ".cloudpickle", ".joblib", ".dill"})
_PICKLE_START = re.compile(rb"\A\x80[\x02-\x05]")
_SKOPS = re.compile(r"""serialization_format["']?\s*:\s*["']?skops\b""")


def is_parquet(path: Path) -> bool:
    """Whether the file starts as Parquet does."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def problem(outputs: Mapping[str, ArtifactType], paths: Mapping[str, Path]) -> str:
    """What is wrong with the outputs of a step, in one sentence; empty when they are what was promised."""
    missing = [name for name in outputs if not paths[name].exists() and not paths[name].is_symlink()]
    if missing:
        what = "none of its outputs" if len(missing) == len(outputs) > 1 else "not all of its outputs"
        return f"wrote {what}; missing: {', '.join(missing)}"
    for name, kind in outputs.items():
        found = _wrong(kind, paths[name])
        if found:
            return f"output {name!r} is no {kind}: {found}"
    return ""


def metrics(path: Path) -> dict[str, float]:
    """The numbers of a metrics file that ``problem`` found nothing wrong with."""
    return {name: float(value) for name, value in json.loads(path.read_bytes()).items()}


def _wrong(kind: ArtifactType, path: Path) -> str:
    if path.is_symlink():
        return "it is a link; write the file itself"
    if kind == "model":
        return _wrong_model(path) if path.is_dir() else "it is not a folder"
    if not path.is_file():
        return "it is not a file"
    return _CHECKS[kind](path)


def _wrong_dataset(path: Path) -> str:
    if path.stat().st_size == 0:
        return "it is empty"
    if is_parquet(path):
        with path.open("rb") as stream:
            stream.seek(-4, 2)
            return "" if stream.read() == b"PAR1" else "it is Parquet without its end"
    with path.open("rb") as stream:
        start = stream.read(65_536)
    if b"\x00" in start:
        return "it is neither CSV nor Parquet"
    try:
        # The piece may end inside a character.
        text = start.decode() if len(start) < 65_536 else start[: start.rfind(b"\n") + 1 or None].decode()
    except UnicodeDecodeError:
        return "it is neither Parquet nor CSV in UTF-8"
    lines = [line for line in text.splitlines() if line.strip()]
    return "" if len(lines) > 1 else "it has no rows, only its header"


def _wrong_metrics(path: Path) -> str:
    if path.stat().st_size > _METRICS_LIMIT_BYTES:
        return f"it is larger than {_METRICS_LIMIT_BYTES} bytes"
    try:
        value: object = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(value, dict) or not value:
        return "it is not a JSON object with at least one number"
    for name, number in cast("dict[str, object]", value).items():
        if isinstance(number, bool) or not isinstance(number, int | float):
            return f"{name!r} is not a number"
        if not _is_finite(number):
            return f"{name!r} is {number}, which is not a finite number"
    return ""


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _wrong_model(path: Path) -> str:
    try:
        names = names_below(path)
    except GroundplanError as error:
        return error.message
    if "MLmodel" not in names:
        return "the folder has no MLmodel file; save it with mlflow.sklearn.save_model"
    for name in names:
        if _is_pickle(path / name):
            return f'{name} is a pickle, which is refused; save with serialization_format="skops"'
    if not _SKOPS.search((path / "MLmodel").read_text(encoding="utf-8", errors="replace")):
        return 'it is not in skops format; save with serialization_format="skops"'
    return ""


def _is_pickle(path: Path) -> bool:
    with path.open("rb") as stream:
        return path.suffix in _PICKLE_SUFFIXES or bool(_PICKLE_START.match(stream.read(2)))


def _wrong_report(path: Path) -> str:
    if not 0 < path.stat().st_size <= _REPORT_LIMIT_BYTES:
        return f"it is empty or larger than {_REPORT_LIMIT_BYTES} bytes"
    with path.open("rb") as stream:
        start = stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")
    return "" if start.startswith(b"<") else "it does not start as HTML does"


def _wrong_value(path: Path) -> str:
    if path.stat().st_size > _VALUE_LIMIT_BYTES:
        return f"it is larger than {_VALUE_LIMIT_BYTES} bytes"
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return "it is not text in UTF-8"
    return "" if text.strip() else "it is empty"


_CHECKS: dict[ArtifactType, Callable[[Path], str]] = {
    "dataset": _wrong_dataset,
    "metrics": _wrong_metrics,
    "report": _wrong_report,
    "value": _wrong_value,
}
