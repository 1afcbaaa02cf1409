"""Lines of a log as they come: of a file that grows, or of the end of one that is fetched again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.2
_FETCH_SECONDS = 10.0
_HEADING = "--- "


@dataclass(kw_only=True)
class Tail:
    """A file of which the bytes before ``position`` were read; ``pending`` is a line that has no end yet."""

    path: Path
    position: int = 0
    pending: bytes = b""

    def lines(self) -> list[str]:
        """The lines that came since; a file that was begun anew is read from its beginning."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size < self.position:
            self.position, self.pending = 0, b""
        if size == self.position:
            return []
        with self.path.open("rb") as stream:
            stream.seek(self.position)
            content = self.pending + stream.read(size - self.position)
        self.position = size
        *lines, self.pending = content.split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def of_file(path: Path, position: int) -> Iterator[str]:
    """The lines that come behind a byte of a file."""
    tail = Tail(path=path, position=position)
    while True:
        yield from tail.lines()
        time.sleep(_POLL_SECONDS)


def of_fetched(path: Path, fetch: Callable[[], Path], seconds: float = _FETCH_SECONDS) -> Iterator[str]:
    """The lines that come behind those that were fetched to a file, each version's below its heading."""
    before = _sections(path)
    while True:
        time.sleep(seconds)
        after = _sections(fetch())
        for heading, lines in after.items():
            new = added(before.get(heading, ()), lines)
            yield from ([heading, *new] if new and heading else new)
        before = after


def added(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What came to the end of a log of which both show the last lines; all of it where nothing was seen before."""
    for gone in range(len(before)):
        shared = len(before) - gone
        if after and before[gone] == after[0] and list(before[gone:]) == list(after[:shared]):
            return list(after[shared:])
    return list(after)


def _sections(path: Path) -> dict[str, list[str]]:
    """The lines below each heading, those above the first one below ""."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(_HEADING):
            heading = line
            found[heading] = []
        else:
            found[heading].append(line)
    return found
