"""Lines of a log as they come: of a file that grows, or of the end of one that is fetched again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_POLL_SECONDS = 0.2
_FETCH_SECONDS = 10.0
_HEADING = "--- "


def of_file(path: Path, position: int) -> Iterator[str]:
    """The lines that come behind a byte of a file; one that was rotated is read from its beginning."""
    pending = b""
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:  # rotated: begin the new file
            position, pending = 0, b""
        if size > position:
            with path.open("rb") as stream:
                stream.seek(position)
                content = pending + stream.read(size - position)
            position = size
            *lines, pending = content.split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
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
