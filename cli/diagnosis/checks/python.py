"""The Python that runs groundplan."""

import platform
import sys

from ..diagnosis import Diagnosis, Situation

_OLDEST = (3, 11)


def look(_: Situation) -> Diagnosis:
    """Its version."""
    found = f"{platform.python_version()} ({sys.executable})"
    needed = f"{_OLDEST[0]}.{_OLDEST[1]} or newer"
    if sys.version_info < _OLDEST:
        return Diagnosis(state="bad", found=found, needed=needed, fix="Install a newer Python and groundplan in it.")
    return Diagnosis(state="ok", found=found, needed=needed)
