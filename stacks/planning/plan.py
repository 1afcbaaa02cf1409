"""A plan: what one stack would make, and what has to be known beside that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...modules.contract.context import AfterUp
from ...modules.contract.planned import Grant, PlannedResource, QuotaNeed


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One stack. ``resources`` stand after what they depend on; the same config gives the same order.

    ``outputs`` are the stack's exports. ``steps`` come after ``up``. ``unsupported`` names the capabilities
    that the platform lacks, and the parts of others (``capability.part``), each with the reason.
    """

    project: str
    stack: str
    platform: str
    resources: tuple[PlannedResource, ...]
    outputs: Mapping[str, object] = field(default_factory=dict[str, object])
    steps: tuple[AfterUp, ...] = ()
    grants: tuple[Grant, ...] = ()
    quota: tuple[QuotaNeed, ...] = ()
    unsupported: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def components(self) -> tuple[PlannedResource, ...]:
        """The components, each of which holds resources."""
        return tuple(one for one in self.resources if one.component)

    @property
    def made(self) -> tuple[PlannedResource, ...]:
        """What the cloud would hold: neither components nor providers nor references to other stacks."""
        return tuple(one for one in self.resources if not one.component and not one.type.startswith("pulumi:"))
