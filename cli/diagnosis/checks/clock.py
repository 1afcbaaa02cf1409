"""The machine's clock, by which evidence ages."""

from datetime import timedelta

from ....core import clock
from ....modules.local.workspace import read_marker
from ..diagnosis import Diagnosis, Situation

_TOLERANCE = timedelta(minutes=2)


def look(situation: Situation) -> Diagnosis:
    """Whether the project was made in the future."""
    now = clock.now()
    marker = read_marker(situation.layout) if situation.layout is not None else None
    try:
        created = clock.from_text(str(marker["created"])) if marker is not None else now
    except (KeyError, ValueError):
        created = now
    if created > now + _TOLERANCE:
        return Diagnosis(
            state="warn",
            found=f"it is {clock.to_text(now)}, and the platform was made {clock.to_text(created)}",
            needed="a clock that does not run behind",
            fix="Set the machine's clock: the age of evidence is counted by it.",
        )
    return Diagnosis(state="ok", found=clock.for_people(clock.to_text(now)))
