"""The platform's state, with a look into the tracking store."""

from ....modules.local import platform
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """What ``groundplan up`` would have to make or repair; a damaged store raises."""
    if situation.layout is None or situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    if situation.platform != "local":
        return Diagnosis(state="ok", found=f"platform: {situation.platform} keeps none here")
    planned = platform.plan(situation.layout, project=situation.config.config.project)
    wanting = [f"{one.capability} {_WORDS[one.outcome]}" for one in planned if one.outcome != "unchanged"]
    if wanting:
        return Diagnosis(state="warn", found=", ".join(wanting), needed="provisioned", fix="groundplan up")
    return Diagnosis(state="ok", found="provisioned and whole", needed="provisioned")


_WORDS = {"created": "missing", "repaired": "incomplete"}
