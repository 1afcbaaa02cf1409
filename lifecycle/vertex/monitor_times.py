"""How often a model monitor looks, and how far back: windows as Vertex AI counts them."""

from __future__ import annotations

import math
from typing import Final

_HOUR: Final = 3600.0
_DAY: Final = 24
_WEEK: Final = 7 * _DAY
_UTC: Final = "TZ=Etc/UTC"


def hours(window_seconds: float) -> int:
    """A window in whole hours, the least that Vertex AI counts in; a part of an hour counts as one."""
    return max(1, math.ceil(window_seconds / _HOUR))


def cron(window: int) -> str:
    """When jobs begin: as rarely as a window of so many hours allows, so that one of them begins in each."""
    if window >= _WEEK:
        return f"{_UTC} 0 0 * * 1"
    if window >= _DAY:
        return f"{_UTC} 0 0 * * *"
    step = max(one for one in (1, 2, 3, 4, 6, 8, 12) if one <= window)
    return f"{_UTC} 0 * * * *" if step == 1 else f"{_UTC} 0 */{step} * * *"
