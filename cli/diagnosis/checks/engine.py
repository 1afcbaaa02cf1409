"""The Pulumi engine, for clouds."""

from ....stacks.engine.installation import OLDEST, install_lines
from ....stacks.engine.installation import look as look_for
from ..diagnosis import Diagnosis, Situation

_NEEDED = f"pulumi {'.'.join(map(str, OLDEST))} or newer, for clouds"


def look(situation: Situation) -> Diagnosis:
    """Whether one that fits is there; the laptop does without."""
    engine = look_for(situation.root)
    if engine is not None and not engine.problem:
        return Diagnosis(state="ok", found=f"pulumi {engine.version}, {engine.path}", needed=_NEEDED)
    found = "not on the PATH" if engine is None else engine.problem
    if situation.platform == "local":
        return Diagnosis(state="ok", found=found, needed="not needed for platform: local")
    return Diagnosis(state="bad", found=found, needed=_NEEDED, fix=install_lines())
