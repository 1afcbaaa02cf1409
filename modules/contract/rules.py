"""What a cloud asks of a resource type: names, exclusive properties, ranges, what forces a replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Uniqueness = Literal["global", "region", "account", "group", "parent"]
"""Within what a name may be taken once: the whole cloud, a region, subscription or project, resource group, parent."""


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """The form of a physical name: the property that holds it, its pattern (whole match) and length."""

    property: str
    pattern: str
    minimum: int
    maximum: int
    unique: Uniqueness = "group"


@dataclass(frozen=True, kw_only=True)
class TypeRules:
    """Facts about one resource type; property paths are the provider's own, such as ``properties.vmSize``.

    ``source`` says where the facts were published. ``soft_delete_days`` is how long a deleted resource's name stays
    reserved, ``purge`` the command that frees it (``{name}``, ``{group}``, ``{region}`` are filled in).
    ``machines`` are the properties that say how many machines it has at most; lists on the way are passed through.
    """

    source: str
    name: NameRule | None = None
    stateful: bool = False
    loses: str = ""
    replaced_by: frozenset[str] = frozenset()
    exactly_one: tuple[frozenset[str], ...] = ()
    at_most_one: tuple[frozenset[str], ...] = ()
    required: frozenset[str] = frozenset()
    patterns: Mapping[str, str] = field(default_factory=dict[str, str])
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    soft_delete_days: int = 0
    purge: str = ""
    machines: frozenset[str] = frozenset()
