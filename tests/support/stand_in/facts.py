"""What a cloud knows of a resource type beyond its shape: identity, what forces replacement, what it keeps reserved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .checking import Refusal

Inputs = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the provider was configured with."""

    subscription: str = ""
    tenant: str = ""
    project: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One resource type.

    ``identify`` gives the id that the cloud would; ``parent`` the id of what must be there before. ``forces`` are the
    property paths whose change replaces the resource, ``immutable`` those whose change the cloud only refuses.
    ``taken`` is what must be unique beyond the id. ``additive`` types may be made by two stacks at once.
    """

    kind: str
    identify: Callable[[Inputs, Account], str]
    parent: Callable[[str], str] = lambda _: ""
    forces: frozenset[str] = frozenset()
    immutable: frozenset[str] = frozenset()
    taken: Callable[[Inputs, Account], str] = lambda _inputs, _account: ""
    reserves: bool = False
    keeps: bool = False
    additive: bool = False
    outputs: Callable[[str, Inputs, Account], Mapping[str, Any]] = lambda _id, _inputs, _account: {}
    refine: Callable[[Inputs], list[Refusal]] = field(default=lambda _: [])


def under(path: str, prefixes: frozenset[str]) -> bool:
    """Whether a property path is one of these or inside one of them."""
    plain = path.replace("[", ".").replace("]", "")
    return any(plain == one or plain.startswith(f"{one}.") for one in prefixes)
