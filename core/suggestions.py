"""Did you mean: the nearest of the known names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` most likely meant, or None."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower().replace("_", "-"), by_lower, n=1, cutoff=0.6) or get_close_matches(
        name.lower(), by_lower, n=1, cutoff=0.6
    )
    return by_lower[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint: ``Did you mean 'x'?``, else the list of what is known, else nothing."""
    names = sorted(known)
    match = closest(name, names)
    if match:
        return f"Did you mean {match!r}?"
    return f"Known: {', '.join(names)}." if names else ""
