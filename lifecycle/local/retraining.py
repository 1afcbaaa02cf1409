"""Decisions on retraining, on disk: a file per model that only grows, one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...core import files
from ...core.errors import StoreCorruptedError
from ...core.layout import Layout
from ..contract.retraining import RetrainingDecision

_DECISION = TypeAdapter(RetrainingDecision)


@dataclass(frozen=True)
class LocalRetrainings:
    """Implements the lifecycle's Retrainings Protocol below ``.groundplan/retraining/``."""

    layout: Layout

    def decisions(self, model: str) -> Sequence[RetrainingDecision]:
        """Every decision, oldest first, each as it was kept last. Raises StoreCorruptedError."""
        latest = {one.id: one for one in _read(self._file(model))}
        return tuple(latest.values())

    def keep(self, decision: RetrainingDecision) -> None:
        """Append a decision; a line that a kill cut short is ended first."""
        path = self._file(decision.model)
        line = json.dumps(asdict(decision), sort_keys=True, ensure_ascii=False)
        files.append_line(path, f"\n{line}" if _is_torn(path) else line)

    def _file(self, model: str) -> Path:
        return self.layout.retraining / f"{model}.jsonl"


def _read(path: Path) -> Iterator[RetrainingDecision]:
    if not path.exists():
        return
    with files.explained(path):
        lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            yield _DECISION.validate_json(line)
        except ValidationError as error:
            if line.startswith(b"{") and not _is_json(line):  # a kill while it was written: it never was on record
                continue
            raise StoreCorruptedError(
                f"the record of retrainings is damaged at line {number}: it is no decision",
                where=f"{path}:{number}:1",
                hint="Put a backup of the file back, or remove that line: the cool-down is then counted without it.",
            ) from error


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _is_torn(path: Path) -> bool:
    """Whether the last line has no end."""
    try:
        with path.open("rb") as stream:
            stream.seek(-1, 2)
            return stream.read(1) != b"\n"
    except OSError:  # it is not there, or empty
        return False
