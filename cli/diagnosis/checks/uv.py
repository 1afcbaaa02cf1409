"""Uv, which makes virtual environments of isolated steps faster."""

from ..diagnosis import Diagnosis, Situation
from ..programs import version


def look(_: Situation) -> Diagnosis:
    """Whether it is there; nothing needs it."""
    found = version("uv", "--version")
    return Diagnosis(state="ok", found=found or "not on the PATH", needed="nothing needs it")
