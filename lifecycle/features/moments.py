"""Times as people write them into tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime

EXPECTED = "a time such as 2026-11-28T07:30:00Z, or a day such as 2026-11-28"
"""What is read, in words."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


def moment(text: str) -> datetime | None:
    """The moment that a text names, without an offset in UTC, a day at its begin; None for anything else.

    Numbers are refused: nobody sees whether they count seconds or milliseconds.
    """
    text = text.strip()
    if not _TIME.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
