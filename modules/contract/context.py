"""For whom something is provisioned: project, environment, account, and what every resource says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Tier = Literal["development", "staging", "production"]
"""How much an environment matters; decides protection and what each role may do."""

SHARED = "shared"
"""The stack that holds what all environments share, and the name of its environment."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The cloud account. Azure: ``subscription`` and ``tenant``; Google Cloud: the others."""

    subscription: str = ""
    tenant: str = ""
    project: str = ""
    number: str = ""
    billing_account: str = ""
    organization: str = ""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every component knows.

    ``environment`` is an environment's name or ``shared``. ``tags`` holds owner, environment, cost-center,
    system-id, data-classification, risk-tier and the user's own; each platform writes them in its own form.
    """

    project: str
    environment: str
    tier: Tier
    region: str
    account: Account
    tags: Mapping[str, str]

    @property
    def protects(self) -> bool:
        """Whether stateful resources are protected from deletion."""
        return self.tier == "production"

    def for_environment(self, environment: str, region: str = "") -> Context:
        """The same for another environment, to compute the names of what lives there."""
        tags = {**self.tags, "environment": environment}
        return Context(
            project=self.project, environment=environment, tier=self.tier,
            region=region or self.region, account=self.account, tags=tags,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AfterUp:
    """A step after ``up`` that no resource can express: what, why, and the command that does it."""

    title: str
    reason: str
    command: str = ""
