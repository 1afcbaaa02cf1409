"""What you may do, against what the shared stack needs."""

from ...diagnosis import Diagnosis
from ..holding import grants, missing, named, undecided
from ..view import View


def look(view: View) -> Diagnosis:
    """Which permissions are lacking there: ``up`` of an environment brings the shared stack up where it is not."""
    if view.shared is None:
        return Diagnosis(state="ok", found="this is the shared stack itself: see cloud.roles.up")
    needed = view.of_shared.needs.permissions
    found = missing(view, needed)
    lacking = [one for one in found if not one.undecided]
    evidence = tuple(dict.fromkeys(one.text for one in found))
    wanted = f"{len({(one.name, one.scope) for one in needed})} permissions, for the shared stack"
    if lacking:
        return Diagnosis(
            state="warn",
            found=f"lacking: {named(lacking)}; only an up that makes or changes the shared stack needs them",
            needed=wanted, fix=f"An owner does that up, or gives them: {grants(view, lacking)}", evidence=evidence,
        )  # fmt: skip
    if found:
        return undecided(view, found, wanted)
    return Diagnosis(state="ok", found="all that the shared stack needs", needed=wanted)
