"""What may refuse although you hold the permission."""

from ...diagnosis import Diagnosis
from ..view import View


def look(view: View) -> Diagnosis:
    """Conditions on roles, denials and policies where ``up`` works; what they say of a request is not worked out."""
    scopes = dict.fromkeys(one.scope for one in view.planned.needs.permissions)
    found = view.account.reservations(tuple(scopes))
    needed = "no conditions, denials or policies, or such as let it through"
    if not found:
        return Diagnosis(state="ok", found="there are none", needed=needed)
    return Diagnosis(
        state="unknown", found=f"{len(found)} that may refuse, and nobody worked out whether they do", needed=needed,
        fix=view.remedies.reservations(), evidence=tuple(found),
    )  # fmt: skip
