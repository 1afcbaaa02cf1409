"""How many machines a step leaves of those that work or serve: a cut to less than half of them is one to be named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from ...modules.contract.rules import TypeRules
from .steps import Step

_HALF = 2


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The most machines that a resource may have, before and after."""

    before: int
    after: int

    @property
    def loses(self) -> str:
        """What is lost, in words."""
        return f"{self.before - self.after} of {self.before} machines"


def cut_of(step: Step, rule: TypeRules | None, before: Mapping[str, object]) -> Cut | None:
    """The cut that a step makes, ``before`` being the inputs that the state holds; None for half of them and more."""
    if rule is None or step.change not in ("update", "replace", "delete"):
        return None
    had, has = most(rule, before), 0 if step.change == "delete" else most(rule, step.inputs)
    return None if had is None or has is None or _HALF * has >= had else Cut(before=had, after=has)


def most(rule: TypeRules, inputs: Mapping[str, object]) -> int | None:
    """The most machines that a resource with these inputs may have; None where they do not say."""
    found = [sum(numbers) for path in rule.machines if (numbers := [*_numbers(inputs, path.split("."))])]
    return max(found, default=None)


def _numbers(value: object, path: Sequence[str]) -> Iterator[int]:
    """The whole numbers at a path, through every entry of the lists on the way; the clouds write some as text."""
    if isinstance(value, list):
        for entry in cast("list[object]", value):
            yield from _numbers(entry, path)
    elif path:
        if isinstance(value, Mapping):
            yield from _numbers(cast("Mapping[str, object]", value).get(path[0]), path[1:])
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(ValueError):
            yield int(float(value))
