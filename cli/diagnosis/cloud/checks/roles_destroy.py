"""What you may do, against what destroy needs by the plan."""

from ...diagnosis import Diagnosis
from ..holding import grants, missing, named, undecided
from ..view import View


def look(view: View) -> Diagnosis:
    """Which deletions the cloud would refuse; whether you want to delete anything only you know."""
    needed = view.planned.needs.deleting
    found = missing(view, needed)
    lacking = [one for one in found if not one.undecided]
    evidence = tuple(dict.fromkeys(one.text for one in found))
    wanted = f"{len({(one.name, one.scope) for one in needed})} permissions, for {view.stack}"
    if lacking:
        return Diagnosis(
            state="warn", found=f"lacking for destroy: {named(lacking)}", needed=wanted, fix=grants(view, lacking),
            evidence=evidence,
        )  # fmt: skip
    if found:
        return undecided(view, found, wanted)
    return Diagnosis(state="ok", found="all that destroy needs", needed=wanted)
