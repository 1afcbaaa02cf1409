"""Finds the checks of a cloud, in the order in which what is wrong with one explains the next."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..asked import IDS
from ..diagnosis import Diagnosis
from .view import View

_PLANNED = (
    "cloud.services", "cloud.roles.up", "cloud.roles.shared", "cloud.roles.destroy", "cloud.reservations",
    "cloud.quota",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check of one view: its id, what it looks at, and the look itself."""

    id: str
    title: str
    look: Callable[[], Diagnosis]


def plans(skipped: Collection[str]) -> bool:
    """Whether any of the checks that are not skipped asks for the plan."""
    return any(id not in skipped for id in _PLANNED)


def find(view: View, skipped: Collection[str]) -> list[Check]:
    """The checks of a view that are not skipped."""
    return [check for id in IDS if id not in skipped for check in _of(id, view) if check.id not in skipped]


def _of(id: str, view: View) -> Iterator[Check]:
    name = id.removeprefix("cloud.").replace(".", "_")
    module: Any = importlib.import_module(f".checks.{name}", __package__)
    title = module.__doc__.splitlines()[0].rstrip(".")
    if not hasattr(module, "parts"):
        yield Check(id=id, title=title, look=partial(module.look, view))
        return
    for part in module.parts(view):
        yield Check(id=f"{id}.{part}", title=title, look=partial(module.look, view, part))
