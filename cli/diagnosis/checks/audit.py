"""The audit log: whether every line follows from the one before."""

from ....lifecycle.local.registry.audit import AuditLog
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """How many lines it has; a line that is missing or was changed raises."""
    if situation.layout is None:
        return OUTSIDE
    if not situation.layout.registry.is_dir():
        return Diagnosis(state="ok", found="nothing logged yet")
    entries = AuditLog(situation.layout.audit_log).entries()
    return Diagnosis(state="ok", found=f"{len(entries)} lines, unbroken" if entries else "nothing logged yet")
