"""The sign-in at the cloud."""

from .....core.errors import AuthenticationError
from ...diagnosis import Diagnosis
from ..view import View


def look(view: View) -> Diagnosis:
    """Who is signed in, and in which tenant; whether that is the config's."""
    account = view.config.config.account
    needed = "a sign-in; in CI a federated identity"
    try:
        caller = view.account.caller()
    except AuthenticationError as error:
        return Diagnosis(state="bad", found=error.message, needed=needed, fix=view.remedies.login())
    wanted = account.tenant if account is not None else None
    who = f"signed in as {caller.name or 'somebody whom the sign-in does not name'}"
    where = f" in tenant {caller.tenant}" if caller.tenant else ""
    if wanted and caller.tenant and caller.tenant.lower() != wanted.lower():
        return Diagnosis(state="bad", found=f"{who}{where}", needed=f"tenant {wanted}", fix=view.remedies.login())
    return Diagnosis(state="ok", found=f"{who}{where}", needed=needed)
