"""The optional packages, by extra."""

from ..diagnosis import Diagnosis, Situation
from ..requirements import missing

_OPTIONAL = {"copier": "templates of others", "ui": "mlflow ui"}


def look(situation: Situation) -> Diagnosis:
    """The extra of the platform must be complete; the others are named."""
    gone = missing("local")
    optional = [f"{name} ({use})" for name, use in _OPTIONAL.items() if missing(name)]
    rest = f"; not installed: {', '.join(optional)}" if optional else ""
    if not gone:
        return Diagnosis(state="ok", found=f"local complete{rest}", needed="local")
    return Diagnosis(
        state="bad" if situation.platform == "local" else "warn",
        found=f"local lacks {', '.join(gone)}{rest}",
        needed="local",
        fix="pip install 'groundplan[local]'",
    )
