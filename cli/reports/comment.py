"""Markdown for a comment on a pull request: never longer than one may be, and nothing in it can pretend to be more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .shown import shown

BUDGET = 60_000
"""Characters; a comment at GitHub ends at 65,536."""

_NOTE_ROOM = 300
_SPECIAL = re.compile(r"(?P<reference>[@#!~%$](?=\w))|[^\w\s.,\-/()=%:+]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.")


def safe(text: str, limit: int = 120) -> str:
    """Any text as a part of a line: it shows as it is, and neither formats, links, mentions nor refers to anything.

    What means something in Markdown or HTML becomes an entity. Mentions and references are found after that, in the
    page's text, which a comment cuts in two.
    """
    line = shown(" ".join(text.split()), limit)
    return _SPECIAL.sub(_written, line)


def _written(found: re.Match[str]) -> str:
    entity = f"&#{ord(found[0])};"
    return f"{entity}<!-- -->" if found.lastgroup == "reference" else entity


class Page:
    """Lines within the budget; what does not fit is counted. ``command`` shows all of it."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._lines: list[str] = []
        self._room = BUDGET - _NOTE_ROOM
        self._left_out = 0

    def add(self, lines: Iterable[str]) -> None:
        """Lines that belong together: all of them, or none."""
        block = list(lines)
        length = sum(len(line) + 1 for line in block)
        if length <= self._room and not self._left_out:
            self._lines += block
            self._room -= length
        else:
            self._left_out += 1

    def add_rows(self, head: Sequence[str], rows: Iterable[str], tail: Sequence[str] = ()) -> None:
        """A head, as many rows as fit, and a tail that closes what the head opened."""
        around = sum(len(line) + 1 for line in (*head, *tail))
        if around > self._room or self._left_out:
            self._left_out += 1
            return
        self._room -= around
        self._lines += head
        for row in rows:
            if len(row) + 1 <= self._room and not self._left_out:
                self._lines.append(row)
                self._room -= len(row) + 1
            else:
                self._left_out += 1
        self._lines += tail

    def text(self) -> str:
        """The page, with a note when something had to be left out."""
        note = (
            ["", f"_{self._left_out} more lines do not fit in a comment; `{self._command}` shows all of them._"]
            if self._left_out
            else []
        )
        return "\n".join([*self._lines, *note]) + "\n"
