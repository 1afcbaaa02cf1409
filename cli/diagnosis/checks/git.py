"""Git, for the commit that a run is made from."""

from ..diagnosis import Diagnosis, Situation
from ..programs import version


def look(_: Situation) -> Diagnosis:
    """Whether it is there."""
    found = version("git", "--version")
    if found is None:
        return Diagnosis(
            state="warn",
            found="not on the PATH: runs cannot say which commit they were made from",
            needed="git",
            fix="Install git (https://git-scm.com).",
        )
    return Diagnosis(state="ok", found=found, needed="git")
