"""What each version did, as its router left it on disk: ``observations.jsonl``, which a restart of everything survives.

A line is what one version did in a stretch of time of a second or less. Latencies are kept as a histogram whose cells
grow by a tenth: a percentile read from it is at most 5 % off.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ....core import clock
from ...contract.traffic import Observation

FILES_KEPT = 12
"""Of 5 MB each: with requests in every second about three days of two versions."""

_GROWTH = 1.1
_LEAST_MS = 0.05
_NEEDED = {"from", "to", "version", "cells"}
_NUMBERS = ("requests", "errors", "mirrored", "disagreements", "restarts")


@dataclass(kw_only=True)
class Tally:
    """What a version did; ``cells`` is the histogram of its latencies."""

    requests: int = 0
    errors: int = 0
    mirrored: int = 0
    disagreements: int = 0
    restarts: int = 0
    cells: Counter[int] = field(default_factory=Counter[int])

    def data(self) -> dict[str, object]:
        """As JSON values, without zeros."""
        numbers = {name: getattr(self, name) for name in _NUMBERS if getattr(self, name)}
        return {**numbers, "cells": {str(cell): count for cell, count in sorted(self.cells.items())}}

    def add(self, line: Mapping[str, Any]) -> None:
        """Add what ``data`` gave."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + int(line.get(name, 0)))
        self.cells.update({int(cell): int(count) for cell, count in line["cells"].items()})

    def took(self, seconds: float) -> None:
        """Count a latency."""
        milliseconds = max(seconds * 1000, _LEAST_MS)
        self.cells[math.ceil(math.log(milliseconds / _LEAST_MS, _GROWTH))] += 1

    def percentile(self, share: float) -> float | None:
        """The middle of the cell that holds it, in milliseconds; None without a latency."""
        wanted = share * self.cells.total()
        for cell, count in sorted(self.cells.items()):
            wanted -= count
            if wanted <= 0:
                return round(_LEAST_MS * _GROWTH ** (cell - 0.5), 3)
        return None


def observations(path: Path, since: str) -> list[Observation]:
    """What is on disk of each version since a moment, by the middle of each stretch; lines that a full disk cut short
    are left out.
    """
    moment = clock.from_text(since)
    found: dict[int, Tally] = {}
    for line in _lines(path, moment):
        began, ended = clock.from_text(line["from"]), clock.from_text(line["to"])
        if began + (ended - began) / 2 >= moment:
            found.setdefault(int(line["version"]), Tally()).add(line)
    return [_observation(version, since, tally) for version, tally in sorted(found.items())]


def _lines(path: Path, moment: datetime) -> Iterator[dict[str, Any]]:
    """The lines of every file that was written to since then."""
    for file in (path, *(path.with_name(f"{path.name}.{number}") for number in range(1, FILES_KEPT + 1))):
        try:
            if file.stat().st_mtime < moment.timestamp():
                continue
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        yield from filter(None, map(_whole, content.splitlines()))


def _whole(line: bytes) -> dict[str, Any] | None:
    try:
        value: object = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) and value.keys() >= _NEEDED else None


def _observation(version: int, since: str, tally: Tally) -> Observation:
    return Observation(
        version=version,
        since=since,
        requests=tally.requests,
        errors=tally.errors,
        latency_p50_ms=tally.percentile(0.5),
        latency_p95_ms=tally.percentile(0.95),
        mirrored=tally.mirrored,
        disagreements=tally.disagreements,
        restarts=tally.restarts,
    )
