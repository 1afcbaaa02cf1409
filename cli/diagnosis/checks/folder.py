"""The project's folder, which groundplan writes to."""

import os

from ....modules.local import platform
from ..diagnosis import Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Whether it can be written, and whether the state has its place there."""
    place = situation.root or situation.folder
    if place is None:
        return Diagnosis(
            state="bad", found="the folder you stand in no longer exists", fix="cd to another folder, or -C DIR"
        )
    if situation.layout is not None:
        platform.check_place(situation.layout)
    written = [place, *([situation.layout.state] if situation.layout and situation.layout.state.is_dir() else [])]
    closed = [str(one) for one in written if not os.access(one, os.W_OK | os.X_OK)]
    if closed:
        return Diagnosis(
            state="bad",
            found=f"not writable: {', '.join(closed)}",
            needed="writable",
            fix="Make it writable, or work in another folder with -C DIR.",
        )
    return Diagnosis(state="ok", found=f"{place} is writable", needed="writable")
