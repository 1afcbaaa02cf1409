"""Decisions on retraining in records, which only become more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError

from ...core.errors import StoreCorruptedError
from ..contract.records import Records
from ..contract.retraining import RetrainingDecision
from .lines import Lines

_DECISION = TypeAdapter(RetrainingDecision)


@dataclass(frozen=True)
class RecordedRetrainings:
    """Implements the lifecycle's Retrainings Protocol."""

    records: Records

    def decisions(self, model: str) -> Sequence[RetrainingDecision]:
        """Every decision, oldest first, each as it was kept last. Raises StoreCorruptedError."""
        lines = self._lines(model)
        found = [_read(line, number, lines) for number, line in enumerate(lines.read(), start=1)]
        return tuple({one.id: one for one in found}.values())

    def keep(self, decision: RetrainingDecision) -> None:
        """Append a decision; the same one at the end already is enough, as after an answer that was lost."""
        line = json.dumps(asdict(decision), sort_keys=True)

        def following(lines: Sequence[bytes]) -> list[str]:
            return [] if lines and lines[-1] == line.encode() else [line]

        self._lines(decision.model).append(following)

    def _lines(self, model: str) -> Lines:
        return Lines(self.records, f"retrainings/{model}")


def _read(line: bytes, number: int, lines: Lines) -> RetrainingDecision:
    try:
        return _DECISION.validate_json(line)
    except ValidationError as error:
        raise StoreCorruptedError(
            f"the record of retrainings is damaged at line {number}: it is no decision",
            where=lines.place(number),
            hint="Put an older version of that record back: the storage keeps those for a while.",
        ) from error
