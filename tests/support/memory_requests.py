"""A request log in memory that keeps the contract to the letter: of each endpoint the lines that have come by now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from groundplan.core import clock
from groundplan.lifecycle.contract.request_log import LogRemarks

from memory_cloud import Killed

_FIELDS = {"time", "request_id", "version", "rows", "inputs", "outputs"}


@dataclass
class MemoryRequests:
    """``asked`` are the stretches of time that were asked for; ``remarks`` are met whenever something is read.

    ``kill_after`` so many lines the process is killed.
    """

    late_seconds: float = 600.0
    kept: dict[str, list[Mapping[str, object]]] = field(default_factory=dict[str, list[Mapping[str, object]]])
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    remarks: LogRemarks | None = None
    kill_after: int | None = None

    def come(self, endpoint: str, lines: Iterable[str]) -> None:
        """These lines of a laptop's log come, with what a cloud's has of them."""
        known = self.kept.setdefault(endpoint, [])
        for whole in map(json.loads, lines):
            known.append({key: whole[key] for key in whole if key in {*_FIELDS, "probabilities"}})

    def begun(self, endpoint: str) -> str:
        return min((str(one["time"]) for one in self.kept.get(endpoint, [])), default="")

    def lines(
        self, endpoint: str, since: str, until: str, remarks: LogRemarks | None = None
    ) -> Iterator[Mapping[str, object]]:
        assert clock.from_text(since) < clock.from_text(until), (since, until)
        self.asked.append((since, until))
        if self.remarks is not None and remarks is not None:
            remarks.halves += self.remarks.halves
            remarks.damaged += self.remarks.damaged
        there = [one for one in self.kept.get(endpoint, []) if since <= str(one["time"]) < until]
        for number, line in enumerate(sorted(there, key=lambda one: str(one["time"]))):
            if number == self.kill_after:
                self.kill_after = None
                raise Killed
            yield line
