"""What ``up`` would make on the laptop, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from ....modules.local.resource import Outcome, Provisioned
from ...output import Output

_WORDS: dict[Outcome, str] = {"created": "create", "repaired": "repair", "unchanged": "unchanged"}


def write(output: Output, plan: Sequence[Provisioned]) -> None:
    """A table of the capabilities."""
    rows = [(one.capability, _WORDS[one.outcome], str(one.path)) for one in plan]
    output.table(("capability", "would", "where"), rows)


def resource_data(one: Provisioned) -> dict[str, object]:
    """One capability."""
    return {
        "capability": one.capability,
        "outcome": one.outcome,
        "path": str(one.path),
        "description": one.description,
        "seconds": round(one.seconds, 3),
    }
