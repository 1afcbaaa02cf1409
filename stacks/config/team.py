"""Who works on the product, by the seven roles, and who must approve."""

from __future__ import annotations

from typing import Literal

from .section import Section, Text

Role = Literal[
    "business-stakeholder", "solution-architect", "data-scientist", "data-engineer",
    "software-engineer", "devops-engineer", "ml-engineer",
]  # fmt: skip
"""The roles that a machine-learning product needs; each gets the permissions of its work, no more."""

Team = dict[Role, list[Text]]
"""The principals of each role: e-mail addresses, or object ids of groups."""


class Approval(Section):
    """Whose yes a promotion into an environment needs."""

    approvers: list[Text] = []
    """The people who may approve; without them and without ``roles``, anybody who is named."""

    roles: list[Role] = []
    """Roles whose principals in ``team`` may approve."""
