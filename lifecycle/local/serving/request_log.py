"""The request log: one JSON object per line, rotated by size; a disk that is full does not stop the endpoint."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

MAX_BYTES = 10_000_000
"""A file that has grown so large is rotated."""

_KEPT = 3
_SILENCE_SECONDS = 60.0


def kept_files(max_mb: int) -> int:
    """How many old files stay beside the one that is written, for so many megabytes in all."""
    return max(1, max_mb * 1_000_000 // MAX_BYTES - 1)


class RequestLog:
    """Appends lines; ``on_failure`` is called for each line that could not be written."""

    def __init__(
        self, path: Path, *, on_failure: Callable[[], None], max_bytes: int = MAX_BYTES, kept: int = _KEPT
    ) -> None:
        """Nothing is opened before the first line."""
        self._path = path
        self._on_failure = on_failure
        self._max_bytes = max_bytes
        self._kept = kept
        self._descriptor: int | None = None
        self._size = 0
        self._complained = float("-inf")

    def write(self, entry: Mapping[str, object]) -> bool:
        """Append a line in one write, so that two servers (old and new) do not mix theirs; False when it failed."""
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"
        try:
            written = os.write(self._open(), line)
            if written < len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")  # noqa: TRY301 handled as below
            self._size += written
            if self._size >= self._max_bytes:
                self._rotate()
        except OSError as error:
            self._failed(error)
            return False
        return True

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            self._size = os.fstat(self._descriptor).st_size
        return self._descriptor

    def _rotate(self) -> None:
        self.close()
        for number in range(self._kept - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))

    def _failed(self, error: OSError) -> None:
        self.close()
        self._on_failure()
        now = time.monotonic()
        if now - self._complained > _SILENCE_SECONDS:
            self._complained = now
            logging.getLogger(__name__).error("the request log cannot be written, serving goes on: %s", error)
