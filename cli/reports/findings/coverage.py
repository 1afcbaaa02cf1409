"""Which published controls are answered, by which rules, and which are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ....policies.published import NOT_COVERED, NotCovered
from ....policies.rule import Rule
from ...output import Output


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """``answered`` holds, by published id, the rules that answer it; ``beyond`` are rules that answer nobody's."""

    answered: Mapping[str, tuple[str, ...]]
    not_covered: tuple[NotCovered, ...]
    beyond: tuple[str, ...]


def of(rules: Iterable[Rule], prefix: str) -> Coverage:
    """The coverage of published rules whose id begins with ``prefix``, whatever the case."""
    answered: dict[str, list[str]] = {}
    beyond: list[str] = []
    for rule in rules:
        if not rule.covers:
            beyond.append(rule.id)
        for published in rule.covers:
            if published.lower().startswith(prefix.lower()):
                answered.setdefault(published, []).append(rule.id)
    missing = tuple(
        one
        for one in NOT_COVERED.values()
        if not prefix or any(published.lower().startswith(prefix.lower()) for published in one.published)
    )
    return Coverage(
        answered={published: tuple(answered[published]) for published in sorted(answered)},
        not_covered=missing,
        beyond=() if prefix else tuple(beyond),
    )


def data(found: Coverage) -> dict[str, object]:
    """The coverage as data."""
    return {
        "covered": [{"published": published, "rules": list(rules)} for published, rules in found.answered.items()],
        "not_covered": [
            {"id": one.id, "control": one.control, "published": list(one.published), "reason": one.reason}
            for one in found.not_covered
        ],
        "beyond": list(found.beyond),
    }


def write(output: Output, found: Coverage) -> None:
    """A table of what is answered, then what is not and why."""
    output.table(["PUBLISHED", "RULES"], [[published, ", ".join(rules)] for published, rules in found.answered.items()])
    if found.not_covered:
        output.line()
        output.line("not covered", "bold")
        for one in found.not_covered:
            output.line(f"  {one.id}  {one.control} ({', '.join(one.published)}): {one.reason}")
    output.line()
    output.line(
        f"{len(found.answered)} published rules are answered, {len(found.not_covered)} controls are not; "
        f"{len(found.beyond)} rules answer what nobody else checks"
    )
