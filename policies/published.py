"""Published controls that no rule answers, each with the reason; everything else is covered by a rule's ``covers``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NotCovered:
    """A control, what it asks for, the published rules that check it, and why no rule here can."""

    id: str
    control: str
    published: tuple[str, ...]
    reason: str


NOT_COVERED: Mapping[str, NotCovered] = {
    one.id: one
    for one in (
        NotCovered(
            id="AML-15",
            control="Compute instance image is current",
            published=("azp:f110a506-2dcb-422e-bcea-d533fc8c35e2", "MCSB:PV-2"),
            reason="the image of an instance ages after it was made; only the running instance tells",
        ),
    )
}
"""By the control's id."""
