"""What azure-identity says when nobody is signed in: a page on each way that there is, of which few lines matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WAY = re.compile(r"^\t(\w+): ", re.MULTILINE)
_NOT_SET_UP = re.compile(
    r"unavailable|not fully configured|not found on path|could not be found|is not installed|requires the"
    r"|no accounts were found",
    re.IGNORECASE,
)


def said(message: str) -> str:
    """The message without the ways that nobody set up; where there are no others it names them all."""
    ways = list(_ways(message))
    if not ways:
        return " ".join(message.split())
    failed = [f"{way}: {' '.join(words.split())}" for way, words in ways if not _NOT_SET_UP.search(words)]
    return "; ".join(failed) or f"none of these is set up: {', '.join(way for way, _ in ways)}"


def _ways(message: str) -> Iterator[tuple[str, str]]:
    """Each way that was tried, and what it said."""
    found = list(_WAY.finditer(message))
    ends = [one.start() for one in found[1:]] + [message.rfind("\nTo mitigate")]
    for way, end in zip(found, ends, strict=False):  # the service's own words name no way, and have an end all the same
        yield way[1].removesuffix("Credential"), message[way.end() : end if end >= 0 else None]
