"""A planned resource as everybody reads it, who gains which permission, and which quota is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A value that is known only after ``up``; ``of`` are the URNs of the resources that determine it.

    ``property`` is the output of the one resource that it is, where it is no more than that.
    """

    of: tuple[str, ...] = ()
    property: str = ""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A value that is not shown; ``digest`` tells whether it changed."""

    digest: str


@dataclass(frozen=True, kw_only=True)
class PlannedResource:
    """One resource of a plan. ``properties`` are in the provider's own names; leaves are plain values, Unknown, Secret.

    ``cause`` is the dotted path of the config that asks for it, ``where`` its ``file:line:column``. ``component`` tells
    a component from a resource of a cloud. URN lists are sorted.
    """

    urn: str
    type: str
    name: str
    parent: str = ""
    component: bool = False
    properties: Mapping[str, object] = field(default_factory=dict[str, object])
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    provider: str = ""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    cause: str = ""
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A principal gains a role on a scope; ``resource`` is the logical name of the resource that gives it."""

    principal: str
    role: str
    scope: str
    resource: str


@dataclass(frozen=True, kw_only=True)
class QuotaNeed:
    """The most that a plan needs of a quota: ``amount`` in ``unit`` (such as vCPU) of ``family`` in ``region``."""

    family: str
    region: str
    amount: float
    unit: str
    reasons: tuple[str, ...]
