"""What you may do, against what the work on models needs."""

from ...diagnosis import Diagnosis
from ..holding import grants, missing, named, undecided
from ..view import View


def look(view: View) -> Diagnosis:
    """Which work the cloud would refuse; whether you want to do it only you know."""
    needed = view.works
    if not needed:
        return Diagnosis(state="ok", found="no models live in the shared stack")
    found = missing(view, needed)
    lacking = [one for one in found if not one.undecided]
    evidence = tuple(dict.fromkeys(one.text for one in found))
    purposes = ", ".join(dict.fromkeys(one.purpose for one in needed))
    if lacking:
        works = ", ".join(dict.fromkeys(one.permission.purpose for one in lacking))
        return Diagnosis(
            state="warn", found=f"would be refused: {works}; lacking: {named(lacking)}", needed=purposes,
            fix=grants(view, lacking), evidence=evidence,
        )  # fmt: skip
    if found:
        return undecided(view, found, purposes)
    return Diagnosis(state="ok", found="you may do all of it", needed=purposes)
