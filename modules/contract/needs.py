"""What somebody needs at a cloud to bring a plan up: services that are on, and permissions by place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A permission in the cloud's own word, on the place with the id ``scope``; ``data`` is one on contents.

    ``purpose`` is the resource type or the work that needs it, ``role`` a role of the cloud that brings it. ``rare``:
    only the first ``up`` needs it, and one that changes such a resource; CI does without. ``hidden`` is a part of the
    place on which it may have been given as well, and which cannot be asked.
    """

    name: str
    scope: str
    purpose: str
    role: str
    data: bool = False
    rare: bool = False
    hidden: str = ""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a stack needs: services that are on before ``up``, those that it switches on itself, and permissions.

    ``deleting`` are the permissions that ``destroy`` needs.
    """

    services: tuple[str, ...]
    switched_on: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    deleting: tuple[Permission, ...] = ()
