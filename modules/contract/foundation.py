"""The foundation: what the other capabilities of a stack stand on, and where their logs go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class FoundationArguments:
    """``log_retention_days`` for logs; ``private`` when nothing may be reached from the internet."""

    log_retention_days: int = 90
    private: bool = True


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs:
    """``group`` is the resource group's name or the project's id; ``group_id`` its id, as a scope of roles.

    ``logs_id`` names where diagnostics go (Log Analytics workspace, log bucket). ``agents`` holds the member
    names of Google's service agents by service; ``ready`` is what everything else depends on.
    """

    group: str
    group_id: pulumi.Input[str]
    logs_id: pulumi.Input[str]
    agents: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, "pulumi.Input[str]"])
    ready: tuple[pulumi.Resource, ...] = ()
