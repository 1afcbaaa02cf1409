"""The packages that every command needs."""

import importlib.metadata

from ..diagnosis import Diagnosis, Situation
from ..requirements import missing


def look(_: Situation) -> Diagnosis:
    """Which are missing."""
    gone = missing(None)
    if gone:
        return Diagnosis(
            state="bad",
            found=f"missing: {', '.join(gone)}",
            needed="all",
            fix="pip install --force-reinstall groundplan",
        )
    return Diagnosis(state="ok", found=f"groundplan {importlib.metadata.version('groundplan')}, complete", needed="all")
