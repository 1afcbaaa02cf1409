"""The project's locks: of the command that changes the project, and of the one that trains."""

from pathlib import Path

from ....core import locks
from ....core.errors import LockedError
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Who holds it."""
    if situation.layout is None:
        return OUTSIDE
    try:
        for lock in filter(Path.exists, (situation.layout.training_lock, situation.layout.lock)):
            with locks.held(lock, command="groundplan doctor", wait_seconds=0):
                pass
    except LockedError as error:
        return Diagnosis(state="warn", found=error.message, needed="free", fix=error.hint)
    return Diagnosis(state="ok", found="free")
