"""The place of a cloud's state, which a team has to share."""

from ....stacks.engine.workspace import place_of
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Whether it is on this machine alone. The backend itself is not asked."""
    if situation.layout is None or situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    if situation.platform == "local":
        return Diagnosis(state="ok", found="not needed for platform: local")
    if place_of(situation.config.config.state.backend or ""):
        return Diagnosis(state="ok", found="set; whether it answers, groundplan status shows", needed="a shared place")
    return Diagnosis(
        state="warn",
        found=f"{situation.layout.engine_state}, on this machine alone",
        needed="a shared place, for a team and for CI",
        fix="Set state.backend in groundplan.yaml to azblob://…, gs://… or s3://…",
    )
