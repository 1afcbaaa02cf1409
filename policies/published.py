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
        NotCovered(
            id="AKS-01",
            control="AKS: tier, upgrades, pods on a node, ephemeral disks, system pools",
            published=("CKV_AZURE_168", "CKV_AZURE_170", "CKV_AZURE_171", "CKV_AZURE_226", "CKV_AZURE_232"),
            reason="upkeep, no matter of security: AKS-01 judges it only where its setting operations is on",
        ),
        NotCovered(
            id="GKE-01",
            control="Cloud SQL: not open to the whole internet",
            published=("CKV_GCP_11",),
            reason="listed among the rules about clusters, but about databases, which no ML platform here is made of",
        ),
        NotCovered(
            id="VTX-19",
            control="Compute Engine: not the default service account",
            published=("CKV_GCP_30",),
            reason="about virtual machines that no ML platform here is made of; VTX-19 asks the same of workbenches",
        ),
    )
}
"""By the control's id; a rule of the same id answers the rest of its control."""
