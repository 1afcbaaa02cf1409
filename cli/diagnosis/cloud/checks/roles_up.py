"""What you may do, against what up needs by the plan."""

from ...diagnosis import Diagnosis
from ..holding import grants, missing, named, undecided
from ..view import View


def look(view: View) -> Diagnosis:
    """Which permissions are lacking; some of them only the first ``up`` needs, which an owner does."""
    needed = view.planned.needs.permissions
    found = missing(view, needed)
    count = len({(one.name, one.scope) for one in needed})
    lacking = [one for one in found if not one.undecided]
    often = [one for one in lacking if not one.permission.rare]
    evidence = tuple(dict.fromkeys(one.text for one in found))
    wanted = f"{count} permissions, for {view.stack}"
    if often:
        return Diagnosis(
            state="bad", found=f"lacking for up: {named(often)}", needed=wanted, fix=grants(view, often),
            evidence=evidence,
        )  # fmt: skip
    if lacking:
        return Diagnosis(
            state="warn",
            found=f"lacking: {named(lacking)}; only the first up needs them, and one that changes such a resource",
            needed=wanted, fix=f"An owner does that up, or gives them: {grants(view, lacking)}", evidence=evidence,
        )  # fmt: skip
    if found:
        return undecided(view, found, wanted)
    return Diagnosis(state="ok", found=f"all {count} that up needs", needed=wanted)
