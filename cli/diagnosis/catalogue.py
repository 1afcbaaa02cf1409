"""Finds the checks and runs them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast

from ...core.errors import GroundplanError
from . import checks
from .diagnosis import Diagnosis, Situation


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: its id, what it looks at, and the look itself."""

    id: str
    title: str
    look: Callable[[Situation], Diagnosis]


def ids() -> tuple[str, ...]:
    """The ids of all checks, sorted, without importing any."""
    return tuple(sorted(name for _, name, _ in pkgutil.iter_modules(checks.__path__)))


def find(skipped: Collection[str] = ()) -> tuple[Check, ...]:
    """The checks. Raises TypeError that names a file of a wrong shape."""
    return tuple(_load(name) for name in ids() if name not in skipped)


def run(check: Check, situation: Situation) -> Diagnosis:
    """One look; an error that groundplan foresees is an answer too."""
    try:
        return check.look(situation)
    except GroundplanError as error:
        return Diagnosis(state="bad", found=error.message, fix=error.hint)


def _load(name: str) -> Check:
    module = importlib.import_module(f".checks.{name}", __package__)
    look = getattr(module, "look", None)
    if not module.__doc__ or not callable(look):
        raise TypeError(f"{module.__file__}: a check has a docstring and a function look(situation)")
    return Check(
        id=name, title=module.__doc__.splitlines()[0].rstrip("."), look=cast("Callable[[Situation], Diagnosis]", look)
    )
