"""The laptop as a whole: what would be made, making it, what removing it takes away, removing it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from ...core.errors import NotFoundError
from ...core.files import explained
from ...core.layout import FOLDER, Layout
from . import folders
from .database import WORKSHOP
from .endpoint import LocalEndpoint
from .registry import LocalRegistry
from .resource import OUTCOMES, Outcome, Provisioned, Resource
from .storage import LocalStorage
from .workspace import LocalWorkspace, read_marker

Observer = Callable[[str, Outcome], None]
"""Told of a capability and what is about to be done with it."""


def provision(layout: Layout, *, project: str, observer: Observer | None = None) -> tuple[Provisioned, ...]:
    """Make whatever of the platform is missing, and say of each capability what was done.

    Again is the same as once; after a kill at any point the next call makes the rest. Expects the project's lock.
    Raises UsageError when a newer groundplan made the state, ResourceFailedError, StoreCorruptedError.
    """
    workspace = _workspace(layout, project)
    _sweep(layout)
    done = tuple(_provision(resource, observer) for resource in _resources(layout, project))
    workspace.mark()
    return done


def plan(layout: Layout, *, project: str) -> tuple[Provisioned, ...]:
    """What ``provision`` would do; changes nothing."""
    return tuple(_described(resource, OUTCOMES[resource.state()]) for resource in _resources(layout, project))


def check_place(layout: Layout) -> None:
    """Raises where the state folder cannot be: a link or a file has its name, or a newer groundplan made it.

    The lock lies in that folder, so this comes before it.
    """
    _workspace(layout, "").state()


def is_provisioned(layout: Layout) -> bool:
    """Whether ``groundplan up`` went through here; looks at no more than the marker."""
    return read_marker(layout) is not None


def require(layout: Layout) -> None:
    """Raises NotFoundError that names ``groundplan up`` when the platform is not provisioned."""
    if not is_provisioned(layout):
        raise NotFoundError(
            "the local platform is not provisioned", where=str(layout.root / FOLDER), hint="groundplan up"
        )


def _workspace(layout: Layout, project: str) -> LocalWorkspace:
    return LocalWorkspace(layout, project)


def _resources(layout: Layout, project: str) -> tuple[Resource, ...]:
    """In the order in which they are made."""
    storage = LocalStorage(layout)
    return (
        _workspace(layout, project),
        storage,
        LocalRegistry(layout, storage.outputs.artifacts_uri),
        LocalEndpoint(layout),
    )


def _provision(resource: Resource, observer: Observer | None) -> Provisioned:
    started = time.monotonic()
    outcome = OUTCOMES[resource.state()]
    if observer is not None:
        observer(resource.capability, outcome)
    if outcome != "unchanged":
        resource.provision()
    return _described(resource, outcome, time.monotonic() - started)


def _sweep(layout: Layout) -> None:
    """Take away what killed commands left half-written; nothing refers to it."""
    for folder in (layout.state, layout.tracking_database.parent):
        folders.check(folder)
        with explained(folder):
            for leftover in folder.glob(".*.tmp"):
                leftover.unlink()
    for workshop in layout.tracking_database.parent.glob(f"{WORKSHOP}*"):
        shutil.rmtree(workshop, ignore_errors=True)


def _described(resource: Resource, outcome: Outcome, seconds: float = 0.0) -> Provisioned:
    return Provisioned(
        capability=resource.capability,
        outcome=outcome,
        path=resource.path,
        description=resource.description,
        seconds=seconds,
    )
