"""The Pulumi engine, for clouds."""

from ..diagnosis import Diagnosis, Situation
from ..programs import version


def look(situation: Situation) -> Diagnosis:
    """Whether it is there; the laptop does without."""
    found = version("pulumi", "version")
    if found is not None:
        return Diagnosis(state="ok", found=f"pulumi {found}", needed="only for clouds")
    if situation.platform == "local":
        return Diagnosis(state="ok", found="not on the PATH", needed="not needed for platform: local")
    return Diagnosis(
        state="warn",
        found="not on the PATH",
        needed=f"pulumi for platform: {situation.platform}",
        fix="Install it: https://www.pulumi.com/docs/install/",
    )
