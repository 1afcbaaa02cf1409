"""Free space where the project is."""

import shutil

from ...sizes import for_people
from ..diagnosis import Diagnosis, Situation

_BAD_BYTES = 200_000_000
_WARN_BYTES = 2_000_000_000


def look(situation: Situation) -> Diagnosis:
    """How much there is."""
    place = situation.root or situation.folder
    if place is None:
        return Diagnosis(state="unknown", found="the folder is gone", fix="cd to another folder, or -C DIR")
    free = shutil.disk_usage(place).free
    state = "bad" if free < _BAD_BYTES else "warn" if free < _WARN_BYTES else "ok"
    return Diagnosis(
        state=state,
        found=f"{for_people(free)} free",
        needed=for_people(_WARN_BYTES),
        fix="" if state == "ok" else "Free some space; groundplan destroy --dry-run shows what a project keeps.",
    )
