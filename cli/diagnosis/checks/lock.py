"""The project's lock, held by the command that changes the project."""

from ....core import locks
from ....core.errors import LockedError
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Who holds it."""
    if situation.layout is None:
        return OUTSIDE
    if not situation.layout.lock.exists():
        return Diagnosis(state="ok", found="free")
    try:
        with locks.held(situation.layout.lock, command="groundplan doctor", wait_seconds=0):
            return Diagnosis(state="ok", found="free")
    except LockedError as error:
        return Diagnosis(state="warn", found=error.message, needed="free", fix=error.hint)
