"""What goes wrong on demand: a fault, the call that it strikes, and the file by which a test orders it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Method = Literal["Check", "Diff", "Create", "Read", "Update", "Delete"]
Kind = Literal["error", "init-failed", "slow", "hang", "crash", "kill-engine", "missing"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Strikes the calls of ``method`` for types that end with ``type`` and resources whose name holds ``name``.

    ``error`` answers ``message``; ``init-failed`` makes the resource and reports ``message``; ``slow`` waits
    ``seconds`` first; ``hang`` never answers; ``crash`` ends the provider's process without an answer (in the test's
    own process: cuts every connection); ``kill-engine`` kills the engine that called; ``missing`` finds no resource.
    ``after`` calls pass before, then ``times`` are struck. With ``done`` the cloud does the work before the fault.
    """

    kind: Kind
    method: Method = "Create"
    type: str = ""
    name: str = ""
    after: int = 0
    times: int = 1
    message: str = ""
    seconds: float = 0
    done: bool = False
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def meets(self, method: str, type: str, name: str) -> bool:
        """Whether a call is one that this fault counts."""
        return method == self.method and type.endswith(self.type) and self.name in name


class Orders:
    """The faults ordered, in a file that the provider reads at each call."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "faults.json"

    def add(self, fault: Fault) -> None:
        """Order one more."""
        self._write([*self.all, fault])

    def clear(self) -> None:
        """Order nothing any more."""
        self._write([])

    @property
    def all(self) -> list[Fault]:
        """Those ordered, in order."""
        if not self._path.exists():
            return []
        return [Fault(**one) for one in json.loads(self._path.read_text(encoding="utf-8"))]

    def _write(self, faults: list[Fault]) -> None:
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps([asdict(one) for one in faults]), encoding="utf-8")
        temporary.replace(self._path)


def due(
    ordered: Sequence[Fault], method: str, type: str, name: str, calls: Sequence[Mapping[str, Any]]
) -> Fault | None:
    """The first fault that strikes this call, given the calls before it."""
    for fault in ordered:
        if fault.meets(method, type, name):
            earlier = [one for one in calls if _counts(one, fault)]
            if fault.after <= len(earlier) < fault.after + fault.times:
                return fault
    return None


def _counts(call: Mapping[str, Any], fault: Fault) -> bool:
    """Only calls since the fault was ordered count, and no previews."""
    return fault.id in call["known"] and not call["preview"] and fault.meets(call["method"], call["type"], call["name"])
