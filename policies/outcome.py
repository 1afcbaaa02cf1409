"""What a rule says of one thing: pass, fail, unknown or not applicable, and what it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .values import ABSENT, shown


class Verdict(StrEnum):
    """``error`` is said of a rule that failed to run; neither it nor ``unknown`` ever counts as a pass."""

    PASS = "pass"  # noqa: S105 no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One verdict. ``path`` is the property or the config's key, ``found`` and ``expected`` what a report shows."""

    verdict: Verdict
    path: str = ""
    found: str = ""
    expected: str = ""


PASS = Outcome(verdict=Verdict.PASS)
NOT_APPLICABLE = Outcome(verdict=Verdict.NOT_APPLICABLE)


@lru_cache(1 << 12)
def _said(verdict: Verdict, path: str, found: str, expected: str) -> Outcome:
    """One for all resources of which the same is said: there may be very many."""
    return Outcome(verdict=verdict, path=path, found=found, expected=expected)


def passed(path: str = "", found: object = ABSENT) -> Outcome:
    """The rule is met."""
    return _said(Verdict.PASS, path, shown(found), "") if path else PASS


def failed(path: str, found: object, expected: str) -> Outcome:
    """The rule is not met: at ``path`` stands ``found``."""
    return _said(Verdict.FAIL, path, shown(found), expected)


def unknown(path: str, expected: str) -> Outcome:
    """What the rule looks at is known only after deployment, or is not at hand."""
    return _said(Verdict.UNKNOWN, path, "known after deployment", expected)


def not_applicable(reason: str = "") -> Outcome:
    """The rule says nothing about this one."""
    return Outcome(verdict=Verdict.NOT_APPLICABLE, found=reason) if reason else NOT_APPLICABLE


_ORDER = (Verdict.ERROR, Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The first of the gravest outcomes: an error, a fail, an unknown, a pass; not applicable without any."""
    found = list(outcomes)
    if len(found) == 1:
        return found[0]
    for verdict in _ORDER:
        for one in found:
            if one.verdict is verdict:
                return one
    return found[0] if found else NOT_APPLICABLE
