"""Exemptions: a rule that a resource need not meet for a while, on somebody's word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import translate
from functools import cached_property

from ..core.errors import Problem

DAYS_AHEAD = 90
"""How far ahead an exemption may end, unless ``policies.max_exemption_days`` says otherwise."""

REASON_LENGTH = 20


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """``resource`` is a resource's name, URN or config path; ``*`` in it stands for anything. ``expires`` is its last
    day.

    ``where`` is the place in groundplan.yaml. ``today`` is the day it is judged on.
    """

    rule: str
    resource: str
    reason: str
    owner: str
    expires: str
    where: str = ""
    days_ahead: int = DAYS_AHEAD
    today: str = ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(translate(self.resource), re.IGNORECASE)

    def selects(self, *names: str) -> bool:
        """Whether one of these names of a resource is meant."""
        return any(self._pattern.match(name) for name in names if name)

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires < self.today

    def problem(self) -> tuple[str, Problem] | None:
        """What is wrong with it, with the key that says it."""
        if not any(letter.isalnum() for letter in self.resource) or self.resource.lower() in ("urn:*", "*::*", "*:*"):
            return "resource", Problem(
                message=f"the exemption of {self.rule} is for everything",
                hint="Name the resource; * stands for a part of a name. For a whole rule there is policies.levels.",
            )
        if len(self.reason.strip()) < REASON_LENGTH:
            return "reason", Problem(
                message=f"the reason of the exemption of {self.rule} is shorter than {REASON_LENGTH} characters",
                hint="Say why it is right, so that somebody else can judge it.",
            )
        try:
            last = date.fromisoformat(self.expires)
        except ValueError:
            return "expires", Problem(message=f"{self.expires!r} is no day", hint='Write it as "2027-01-31".')
        latest = date.fromisoformat(self.today) + timedelta(days=self.days_ahead)
        if last > latest:
            return "expires", Problem(
                message=f"the exemption of {self.rule} ends more than {self.days_ahead} days ahead",
                hint=f'The latest day is "{latest.isoformat()}".',
            )
        return None
