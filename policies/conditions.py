"""The conditions that rules are made of. Each knows absent, unknown and secret values, so that no rule forgets one.

A condition is a check: it judges a resource and answers pass, fail or unknown. ``absent`` is what the cloud takes when
the property is not given. Texts are compared whatever their case, since the clouds' enums are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from .graph import keys_of
from .outcome import PASS, Outcome, Verdict, failed, not_applicable, passed, unknown, worst
from .resource import Resource
from .rule import Check, Facts, Said
from .values import ABSENT, SECRET, Unknown, shown

Test = Callable[[object], bool]


def satisfies(path: str, test: Test, expected: str, *, absent: object = ABSENT) -> Check:
    """The value at ``path`` passes ``test``; ``expected`` says in words what that asks for.

    Where the property is absent and ``absent`` is too, it fails. A secret value cannot be judged.
    """

    def check(resource: Resource, _facts: Facts) -> Said:
        return judged(path, resource.get(path), test, expected, absent=absent)

    return check


def judged(path: str, value: object, test: Test, expected: str, *, absent: object = ABSENT) -> Outcome:
    """The outcome of a test on a value that may be absent (the cloud then takes ``absent``), unknown or secret."""
    if isinstance(value, Unknown) or value is SECRET:
        return unknown(path, expected)
    taken = absent if value is ABSENT else value
    if taken is not ABSENT and test(taken):
        return passed(path, taken)
    by_default = value is ABSENT and absent is not ABSENT
    return failed(path, f"not set, which means {shown(absent)}" if by_default else value, expected)


def equals(path: str, *allowed: object, absent: object = ABSENT) -> Check:
    """The value is one of ``allowed``."""
    wanted = [folded(one) for one in allowed]
    return satisfies(path, lambda value: folded(value) in wanted, either(allowed), absent=absent)


def differs(path: str, *refused: object, absent: object = ABSENT) -> Check:
    """The value is none of ``refused``; an absent one with no default of the cloud passes."""
    unwanted = [folded(one) for one in refused]
    expected = f"anything but {either(refused)}"

    def check(resource: Resource, _facts: Facts) -> Said:
        value = resource.get(path)
        if value is ABSENT and absent is ABSENT:
            return passed(path, value)
        return judged(path, value, lambda found: folded(found) not in unwanted, expected, absent=absent)

    return check


def is_set(path: str, expected: str = "a value") -> Check:
    """Something stands at ``path``: a value, a secret, or a reference to a resource that is yet to be made.

    A value of which nothing is known, not even what it comes from, is unknown; an empty text or list is not set.
    """

    def check(resource: Resource, _facts: Facts) -> Said:
        value = resource.get(path)
        if isinstance(value, Unknown):
            return PASS if value.of else unknown(path, expected)
        if value is SECRET:
            return PASS
        return judged(path, value, lambda found: found not in ("", [], (), {}), expected)

    return check


def is_not_set(path: str) -> Check:
    """Nothing stands at ``path``."""

    def check(resource: Resource, _facts: Facts) -> Said:
        value = resource.get(path)
        if isinstance(value, Unknown) and not value.of:
            return unknown(path, "not set")
        return passed(path) if value in (ABSENT, "", [], {}) else failed(path, value, "not set")

    return check


def matches(path: str, pattern: str, expected: str, *, absent: object = ABSENT) -> Check:
    """The text matches the pattern as a whole."""
    compiled = re.compile(pattern)
    return satisfies(path, lambda value: compiled.fullmatch(str(value)) is not None, expected, absent=absent)


def at_least(path: str, least: float, *, absent: object = ABSENT) -> Check:
    """The number is ``least`` or more."""
    return satisfies(path, lambda value: number(value) >= least, f"at least {least:g}", absent=absent)


def at_most(path: str, most: float, *, absent: object = ABSENT) -> Check:
    """The number is ``most`` or less."""
    return satisfies(path, lambda value: number(value) <= most, f"at most {most:g}", absent=absent)


def every(path: str, test: Test, expected: str) -> Check:
    """Each value at a path with ``[]`` passes the test; no value at all passes."""

    def check(resource: Resource, _facts: Facts) -> Said:
        return [judged(place, value, test, expected) for place, value in resource.each(path)] or [PASS]

    return check


def some(path: str, test: Test, expected: str) -> Check:
    """At least one value at a path with ``[]`` passes the test."""

    def check(resource: Resource, _facts: Facts) -> Said:
        outcomes = [judged(place, value, test, expected) for place, value in resource.each(path)]
        return _best(outcomes) if outcomes else failed(path, ABSENT, expected)

    return check


def all_of(*checks: Check) -> Check:
    """Every check passes; each that does not is told."""

    def check(resource: Resource, facts: Facts) -> Said:
        return [outcome for one in checks for outcome in outcomes_of(one(resource, facts))]

    return check


def any_of(*checks: Check) -> Check:
    """One check passes; when none does, the first says what is wrong, and all what would do."""

    def check(resource: Resource, facts: Facts) -> Said:
        return _best([worst(outcomes_of(one(resource, facts))) for one in checks])

    return check


def when(condition: Check, check: Check, reason: str = "") -> Check:
    """``check`` where ``condition`` passes; not applicable where it fails; unknown where it is."""

    def conditional(resource: Resource, facts: Facts) -> Said:
        said = worst(outcomes_of(condition(resource, facts)))
        if said.verdict is Verdict.PASS:
            return check(resource, facts)
        if said.verdict is Verdict.UNKNOWN:
            outcome = worst(outcomes_of(check(resource, facts)))
            return outcome if outcome.verdict is Verdict.PASS else said
        return not_applicable(reason)

    return conditional


def opposite(check: Check, expected: str) -> Check:
    """Passes where ``check`` fails."""

    def negated(resource: Resource, facts: Facts) -> Said:
        said = worst(outcomes_of(check(resource, facts)))
        if said.verdict is Verdict.PASS:
            return failed(said.path, said.found, expected)
        return PASS if said.verdict is Verdict.FAIL else said

    return negated


def referenced(type: str, path: str, expected: str, *, by: Check | None = None) -> Check:
    """Some resource of ``type`` refers to this one at ``path``; with ``by``, one that passes that check.

    One that cannot be told to refer to it makes it unknown.
    """

    def check(resource: Resource, facts: Facts) -> Said:
        references = facts.graph.references(type, path)
        named = {key: references.by_key[key] for key in keys_of(resource) if key in references.by_key}
        groups = [facts.once((check, key), partial(_referring, found, by, facts)) for key, found in named.items()]
        verdicts = {verdict for one in groups for verdict in one.verdicts}
        if Verdict.PASS in verdicts:
            return PASS
        if references.unsure or Verdict.UNKNOWN in verdicts:
            return unknown("", expected)
        if groups:
            name, first = groups[0].name, groups[0].first
            return failed(f"{name}: {first.path}" if first.path else name, first.found, expected)
        return failed("", ABSENT, expected)

    return check


@dataclass(frozen=True, kw_only=True)
class _Referring:
    """The verdicts on all resources that name one key, and what was said of the first, which is called ``name``."""

    verdicts: frozenset[Verdict]
    name: str
    first: Outcome


def _referring(found: Sequence[Resource], by: Check | None, facts: Facts) -> _Referring:
    outcomes = [worst(outcomes_of(by(one, facts))) if by else PASS for one in found]
    return _Referring(verdicts=frozenset(one.verdict for one in outcomes), name=found[0].name, first=outcomes[0])


def outcomes_of(said: Said) -> list[Outcome]:
    """One outcome or several, as a list."""
    return [said] if isinstance(said, Outcome) else list(said)


def folded(value: object) -> object:
    """A value to compare: texts whatever their case, numbers whatever their type, true and "true" alike."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value.lower()
    return float(value) if isinstance(value, int) else value


def number(value: object) -> float:
    """A value as a number, NaN (which no bound holds) where it is none."""
    try:
        return float(cast("str", value))
    except (TypeError, ValueError):
        return float("nan")


def either(values: Iterable[object]) -> str:
    """Values as a sentence names them: ``a, b or c``."""
    names = [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _best(outcomes: list[Outcome]) -> Outcome:
    for verdict in (Verdict.PASS, Verdict.UNKNOWN):
        for one in outcomes:
            if one.verdict is verdict:
                return one
    expected = " or ".join(dict.fromkeys(one.expected for one in outcomes if one.expected))
    first = outcomes[0]
    return failed(first.path, first.found, expected) if first.verdict is Verdict.FAIL else first
