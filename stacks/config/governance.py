"""What every resource says of itself, how much an environment matters, and where the clouds' state is kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from .section import Classification, Day, Section, Text

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


class Documents(Section):
    """The documents that a system of high risk needs: files of the project, relative to groundplan.yaml."""

    technical: Text | None = None
    """What the system is and how it was made."""

    risk_management: Text | None = None
    """What can go wrong, and what is done about it."""

    post_market_monitoring: Text | None = None
    """How it is watched once it is in use."""

    quality_management: Text | None = None
    """How the company sees to it that it is made well."""


class Assessment(Section):
    """An assessment of what the product does to people."""

    type: Literal["DPIA", "FRIA", "AIIA"]
    """Data protection (DPIA), fundamental rights (FRIA), or the impact of an AI system (AIIA)."""

    id: Text
    """What the company calls it by."""

    approved: Day
    """The day on which it was approved, in quotes."""

    next_review: Day
    """The last day before which it must be looked at again, in quotes."""


class Governance(Section):
    """Who answers and pays for the product, and how careful one must be with it."""

    cost_center: Tag | None = None
    """Who pays; without it the project's name."""

    system_id: Tag | None = None
    """The system's id in the company's inventory; without it the project's name."""

    data_classification: Classification = "internal"
    """How sensitive the data is."""

    personal_data: bool = False
    """Whether it works on data about persons."""

    risk_tier: Literal["minimal", "limited", "high", "prohibited"] = "limited"
    """The risk of the product, as the EU AI Act grades it; a prohibited one passes no rule pack that knows of it."""

    documents: Documents = Documents()
    """The documents of a system of high risk."""

    assessments: list[Assessment] = []
    """Assessments of what it does to people."""

    inventory: Text | None = None
    """The company's list of AI systems: a JSON file of the project that maps a system's id to its entry with ``owner``,
    ``risk_tier`` and ``purpose``."""

    user_facing: bool = False
    """Whether people who do not work on it meet it, such as in a chat."""

    generates: list[Literal["text", "image", "audio", "video"]] = []
    """What it generates."""

    disclosure: Text | None = None
    """How people are told that they deal with a machine, such as the notice's text or address."""

    content_marking: Text | None = None
    """How what it generates is marked as such, such as C2PA."""

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
