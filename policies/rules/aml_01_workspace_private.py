"""An Azure ML workspace is not reached from the public network.

What: ``publicNetworkAccess`` is Disabled, and nothing lets the public in beside a virtual network. Where the property
is absent Azure enables it.

Why: whoever holds a stolen token can otherwise use the workspace, its data and its models from anywhere.

Fix: set ``network.access: private`` in groundplan.yaml, or ``publicNetworkAccess: Disabled`` on the workspace, and
reach it over a private endpoint.

Decided: some published rules let an absent property pass. Azure's own default is Enabled, so absence fails.
"""

from ..conditions import all_of, differs, equals
from ..rule import ResourceRule, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"

RULE = ResourceRule(
    id="AML-01",
    title="Workspace public network access disabled",
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    check=all_of(
        equals("publicNetworkAccess", "Disabled", absent="Enabled"),
        differs("allowPublicAccessWhenBehindVnet", True, absent=False),
    ),
    covers=(
        "CKV_AZURE_144",
        "CKV2_AZURE_49",
        "azp:438c38d2-3772-465a-a9cc-7a6666a275ce",
        "azp:a10ee784-7409-4941-b091-663697637c0f",
        "Azure.ML.PublicAccess",
        "machinelearning/workspacePublicAccessDisabled",
        "terraform:S6329",
        "MCSB:NS-2",
    ),
    packs=("baseline", "hardened"),
    remedy="network.access: private",
    failing=(
        example("Azure's default", WORKSPACE, {}),
        example("open", WORKSPACE, {"publicNetworkAccess": "Enabled"}),
        example(
            "open beside its network",
            WORKSPACE,
            {"publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": True},
        ),
    ),
    passing=(example("closed", WORKSPACE, {"publicNetworkAccess": "Disabled"}),),
)
