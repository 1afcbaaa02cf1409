"""The subscription or project."""

from collections.abc import Iterator

from .....core.errors import NotFoundError
from .....lifecycle.contract.account import AccountState
from ...diagnosis import Diagnosis
from ..view import View


def look(view: View) -> Diagnosis:
    """Whether it is there and usable, and whether the config knows it right."""
    try:
        found = view.account.state()
    except NotFoundError as error:
        return Diagnosis(state="bad", found=error.message, needed="one that can be used", fix=error.hint)
    said = f"{found.name or 'it'} is {found.state or 'in a state that the cloud does not tell'}"
    if not found.usable:
        return Diagnosis(
            state="bad" if found.state else "unknown", found=said, needed="one that can be used",
            fix="Have it enabled again, or name another one in groundplan.yaml (account).",
        )  # fmt: skip
    wrong = list(_differing(view, found))
    return Diagnosis(
        state="bad" if wrong else "ok", found="; ".join([said, *wrong]), needed="as in the config",
        fix="Set it right in groundplan.yaml (account)." if wrong else "",
    )  # fmt: skip


def _differing(view: View, found: AccountState) -> Iterator[str]:
    account = view.config.config.account
    for name, real in (("tenant", found.tenant), ("number", found.number)):
        written = getattr(account, name, None)
        if written and real and written.lower() != real.lower():
            yield f"its {name} is {real}, the config says {written}"
