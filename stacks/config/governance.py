"""What every resource says of itself, how much an environment matters, and where the clouds' state is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from .section import Section, Text

Tier = Literal["development", "staging", "production"]
"""How much depends on an environment: decides what is protected, and what each role may do."""

Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/@+-]{0,127}$")]
"""A tag's value; the clouds' own rules on labels are applied where it becomes one."""

TagKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]

_TIER_NAMES: dict[str, Tier] = {
    **dict.fromkeys(("dev", "develop", "development", "sandbox", "test", "experiment"), "development"),
    **dict.fromkeys(("staging", "stage", "qa", "uat", "preprod", "pre-prod", "acceptance"), "staging"),
    **dict.fromkeys(("prod", "production", "live"), "production"),
}


class Governance(Section):
    """Who answers and pays for the product, and how careful one must be with it."""

    cost_center: Tag | None = None
    """Who pays; without it the project's name."""

    system_id: Tag | None = None
    """The system's id in the company's inventory; without it the project's name."""

    data_classification: Literal["public", "internal", "confidential", "restricted"] = "internal"
    """How sensitive the data is."""

    risk_tier: Literal["minimal", "limited", "high"] = "limited"
    """The risk of the product, as the EU AI Act grades it."""

    tags: dict[TagKey, Tag] = {}
    """Tags of your own."""


class State(Section):
    """Where Pulumi keeps the state of a cloud; of no meaning on the laptop."""

    backend: Text | None = None
    """``azblob://…``, ``gs://…``, ``s3://…``, ``https://…``; without it a folder of the project, for one person."""

    secrets_provider: Text | None = None
    """``azurekeyvault://…``, ``gcpkms://…``, ``passphrase``; without it a passphrase kept outside the project."""

    organization: Text | None = None
    """The organization, for backends that have one."""


def tier_of(name: str, position: int, count: int) -> Tier:
    """The tier of an environment that does not say it, from its name, else from its place among ``count``."""
    if name in _TIER_NAMES:
        return _TIER_NAMES[name]
    if count > 1 and position == count - 1:
        return "production"
    return "development" if position == 0 else "staging"
