"""A model whose triggers are looked at, and what the config says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...stacks.pipelines import served_model

if TYPE_CHECKING:
    from ...lifecycle.contract.model import ModelPlan, ModelVersion
    from ...lifecycle.contract.platform import Platform
    from ...stacks.config.resolved import Resolved


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model whose triggers are looked at: ``config`` is of the furthest environment that has a version of it.

    ``first`` is of the environment in which it is trained.
    """

    config: Resolved
    first: Resolved
    platform: Platform
    plan: ModelPlan
    champion: ModelVersion | None

    @property
    def endpoints(self) -> list[str]:
        """The endpoints of the config that serve the model."""
        return [name for name in self.config.config.endpoints if served_model(self.config, name) == self.plan.name]
