"""A sample of rows from a log of any length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

Row = Mapping[str, object]


class RowSample:
    """Takes rows and keeps so many of them, each as likely as every other; the same rows give the same sample."""

    def __init__(self, size: int) -> None:
        """Keeps at most ``size`` rows."""
        self.rows: list[Row] = []
        self._size = size
        self._seen = 0
        self._random = Random(42)  # noqa: S311 no secret hangs on which rows are drawn

    def add(self, rows: Iterable[Row]) -> None:
        """Take the rows of a request."""
        for row in rows if self._size else ():
            self._seen += 1
            if len(self.rows) < self._size:
                self.rows.append(row)
            elif (place := self._random.randrange(self._seen)) < self._size:
                self.rows[place] = row
