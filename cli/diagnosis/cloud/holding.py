"""Holds the permissions that are needed against those that are held, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ....core.errors import GroundplanError
from ....lifecycle.contract.account import Asked, Caller
from ....modules.contract.needs import Permission
from ..diagnosis import Diagnosis
from .view import View

_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A permission that is lacking, or of which nobody could say whether it is; ``place`` is where that was asked."""

    permission: Permission
    place: str
    undecided: str = ""

    @property
    def text(self) -> str:
        """As one line of evidence."""
        why = f": {self.undecided}" if self.undecided else ""
        return f"{self.permission.name} on {self.place}, for {self.permission.purpose}{why}"


def missing(view: View, needed: Sequence[Permission]) -> tuple[Missing, ...]:
    """What the caller lacks of these. Raises GroundplanError where not a single place could be asked."""
    found: list[Missing] = []
    refused: list[GroundplanError] = []
    scopes = dict.fromkeys(one.scope for one in needed)
    for scope in scopes:
        asked = [one for one in needed if one.scope == scope]
        try:
            held = view.account.held(scope, [*dict.fromkeys(map(_asked, asked))])
        except GroundplanError as error:
            refused.append(error)
            found += [Missing(permission=one, place=scope, undecided=error.message) for one in asked]
            continue
        for one in asked:
            if one.name in held.lacking:
                why = f"it may be given on {one.hidden}, which cannot be asked" if one.hidden else ""
                found.append(Missing(permission=one, place=held.scope, undecided=why))
            elif one.name in held.undecided:
                found.append(Missing(permission=one, place=held.scope, undecided="the cloud does not say it there"))
    if refused and len(refused) == len(scopes):
        raise refused[0]
    return tuple(found)


def grants(view: View, lacking: Iterable[Missing]) -> str:
    """The commands that give what is lacking: one for each role and place."""
    pairs = dict.fromkeys((one.permission.role, one.place) for one in lacking)
    caller = _caller(view)
    return " && ".join(view.remedies.grant(role, place, caller) for role, place in pairs)


def named(missing: Sequence[Missing]) -> str:
    """The first names of what is missing, and how many there are beside."""
    names = list(dict.fromkeys(one.permission.name for one in missing))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def undecided(view: View, found: Sequence[Missing], needed: str) -> Diagnosis:
    """What is said where nothing is lacking for certain."""
    return Diagnosis(
        state="unknown", found=f"all but {named(found)}, of which nobody could say it", needed=needed,
        fix=view.remedies.permissions(found[0].place), evidence=tuple(dict.fromkeys(one.text for one in found)),
    )  # fmt: skip


def _asked(one: Permission) -> Asked:
    return Asked(name=one.name, data=one.data)


def _caller(view: View) -> Caller:
    try:
        return view.account.caller()
    except GroundplanError:
        return Caller()
