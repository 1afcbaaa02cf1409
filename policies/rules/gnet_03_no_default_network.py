"""A project is made without the default network.

What: ``autoCreateNetwork`` is false. Google makes the network otherwise.

Why: the default network has a subnet in every region, and lets SSH, RDP and ping in from everywhere; machines that
name no network land in it.

Fix: set ``autoCreateNetwork: false`` and make the networks that are needed.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

PROJECT = "gcp:organizations/project:Project"

RULE = ResourceRule(
    id="GNET-03",
    title="No default network",
    severity=Severity.MEDIUM,
    types=(PROJECT,),
    check=equals("autoCreateNetwork", False, absent=True),
    covers=("CKV_GCP_27", "GCP-0010", "constraints/compute.skipDefaultNetworkCreation"),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", PROJECT, {"projectId": "acme-churn"}),
        example("asked for", PROJECT, {"autoCreateNetwork": True}),
    ),
    passing=(example("without", PROJECT, {"autoCreateNetwork": False}),),
)
