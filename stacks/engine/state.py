"""What a stack's state holds: its resources, operations that never ended, and when it last changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ...core.errors import StoreCorruptedError
from .steps import is_bookkeeping, name_of

_STACK = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class StateResource:
    """A resource that the state knows; ``inputs`` hold secrets only as ciphers."""

    urn: str
    type: str
    id: str
    protect: bool
    inputs: Mapping[str, object]

    @property
    def name(self) -> str:
        """Its logical name."""
        return name_of(self.urn)

    @property
    def is_bookkeeping(self) -> bool:
        """Whether it is the engine's own, which no cloud has."""
        return is_bookkeeping(self.type)


@dataclass(frozen=True, kw_only=True)
class PendingOperation:
    """An operation that began and whose end nobody saw, such as ``creating``."""

    doing: str
    urn: str


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A stack's state; ``stamp`` changes whenever an operation writes it. ``outputs`` hold secrets only as ciphers."""

    stack: str
    stamp: str
    resources: tuple[StateResource, ...]
    pending: tuple[PendingOperation, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


def parse(stack: str, text: str) -> StackState:
    """The state that ``pulumi stack export`` printed. Raises StoreCorruptedError for anything else."""
    try:
        deployment = cast("Mapping[str, Any]", json.loads(text)["deployment"])
        resources = cast("list[Mapping[str, Any]]", deployment.get("resources") or [])
        manifest = cast("Mapping[str, Any]", deployment.get("manifest") or {})
        pending = cast("list[Mapping[str, Any]]", deployment.get("pending_operations") or [])
        return StackState(
            stack=stack,
            stamp=str(manifest.get("time", "")),
            resources=tuple(_resource(one) for one in resources),
            pending=tuple(PendingOperation(doing=one["type"], urn=one["resource"]["urn"]) for one in pending),
            outputs=_outputs(resources),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreCorruptedError(
            f"the state of stack {stack} cannot be read: {error}", hint="groundplan doctor"
        ) from error


def _outputs(resources: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    found = [cast("Mapping[str, Any] | None", one.get("outputs")) for one in resources if one["type"] == _STACK]
    return found[0] or {} if found else {}


def _resource(one: Mapping[str, Any]) -> StateResource:
    return StateResource(
        urn=one["urn"],
        type=one["type"],
        id=one.get("id", ""),
        protect=bool(one.get("protect", False)),
        inputs=one.get("inputs") or {},
    )
