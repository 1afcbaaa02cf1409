"""The config, groundplan.yaml."""

from ..diagnosis import Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Whether it is valid."""
    if situation.root is None:
        return Diagnosis(
            state="unknown", found="no project here", needed="a project", fix="groundplan new NAME, or -C DIR"
        )
    if situation.config_error is not None:
        first = situation.config_error.problems[0]
        where = f"{first.where}: " if first.where else ""
        count = len(situation.config_error.problems)
        more = "" if count == 1 else f" (and {count - 1} more)"
        return Diagnosis(
            state="bad", found=f"{where}{first.message}{more}", needed="valid", fix="groundplan config validate"
        )
    return Diagnosis(state="ok", found=str(situation.root / "groundplan.yaml"), needed="valid")
