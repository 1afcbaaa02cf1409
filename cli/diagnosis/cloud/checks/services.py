"""The services of the cloud that the plan needs."""

from ...diagnosis import Diagnosis
from ..view import View


def look(view: View) -> Diagnosis:
    """Which are not switched on; some of them ``up`` switches on by itself."""
    needs = view.planned.needs
    wanted = (*needs.services, *needs.switched_on)
    off = view.account.switched_off(wanted)
    needed = f"{len(wanted)} of them"
    if not off:
        return Diagnosis(state="ok", found=f"{len(wanted)} are switched on", needed=needed, evidence=wanted)
    first = any(one in needs.services for one in off)
    later = "" if first else "; up switches them on"
    return Diagnosis(
        state="bad" if first else "warn", found=f"not switched on: {', '.join(off)}{later}", needed=needed,
        fix=view.remedies.switch_on(off), evidence=tuple(off),
    )  # fmt: skip
