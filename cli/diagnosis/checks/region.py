"""The region of a cloud."""

from ....stacks.config import catalogues
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Which it is, and as of when groundplan knows it; one that the cloud does not have breaks the config."""
    if situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    if situation.platform == "local":
        return Diagnosis(state="ok", found="not needed for platform: local")
    as_of = catalogues.regions(situation.platform).AS_OF
    return Diagnosis(state="ok", found=f"{situation.config.config.region}, known as of {as_of}")
