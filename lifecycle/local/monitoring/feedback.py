"""Labels in a file that only grows."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ....core import files
from ...contract.monitor_store import Key
from ...contract.monitoring import Label


@dataclass(frozen=True)
class FeedbackFile:
    """The labels of one endpoint; the last one for a row counts."""

    path: Path

    def read(self) -> dict[Key, Label]:
        """Every label, by request and row. A line that a kill cut short is left out."""
        found: dict[Key, Label] = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self.path.read_bytes().splitlines():
                with contextlib.suppress(ValidationError):
                    label = _LABEL.validate_json(line)
                    found[label.request_id, label.row or 0] = label
        return found

    def add(self, labels: Sequence[Label]) -> None:
        """Append labels, and make them last through a power cut."""
        if not labels:
            return
        content = "".join(json.dumps(asdict(label), ensure_ascii=False, separators=(",", ":")) + "\n"
                          for label in labels).encode()  # fmt: skip
        with files.explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                if stream.tell() and not _ends_a_line(self.path):
                    stream.write(b"\n")
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


_LABEL = TypeAdapter(Label)
