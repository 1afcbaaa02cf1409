"""Findings as lines of JSON; what many of them share is written once, since there may be very many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from typing import ParamSpec

from ....policies.finding import Finding
from ...json_text import encoded
from . import finding

_P = ParamSpec("_P")
_KEPT = 1 << 16
"""Texts that are kept of each part: they take some 20 MB."""


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """What ``finding.finding_data`` says of each, on one line."""
    verdict, target, outcome = _once(finding.verdict), _once(finding.target), _once(finding.outcome)
    position, exemptions = _once(finding.position), _once(finding.exemptions)
    for _, group in groupby(findings, key=lambda one: one.rule.id):
        found = list(group)
        opening, advice = _inside(finding.opening(found[0].rule)), _inside(finding.advice(found[0].rule))
        for one in found:
            about, said = one.about, one.outcome
            parts = (
                opening,
                verdict(said.verdict, one.level, one.status),
                target(about.urn, about.type, about.name, about.environment),
                outcome(said.path, said.found, said.expected),
                position(about.where),
                advice,
                f'"fingerprint": "{one.fingerprint}"',  # digits, which stand for themselves
                exemptions(one.exemption, one.expired),
            )
            yield f"{{{', '.join(parts)}}}"


def _once(part: Callable[_P, Mapping[str, object]]) -> Callable[_P, str]:
    """The text of a part, made once for the same arguments."""

    @lru_cache(_KEPT)
    def text(*arguments: _P.args, **named: _P.kwargs) -> str:
        return _inside(part(*arguments, **named))

    return text  # pyright: ignore[reportReturnType] the cache takes what it wraps takes


def _inside(part: Mapping[str, object]) -> str:
    """The keys and values of a part as they stand in an object."""
    return encoded(part)[1:-1]
