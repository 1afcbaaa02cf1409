"""An Azure ML workspace is reached over a private endpoint.

What: a private endpoint with the group ``amlworkspace`` names the workspace.

Why: a workspace that is closed to the public and has no private endpoint is reached by nobody; one that has none and is
open is reached by everybody.

Fix: set ``network.address_space`` in groundplan.yaml, or add a ``PrivateEndpoint`` that names the
workspace.
"""

from ..azure import ENDPOINT, privately_linked
from ..rule import Example, ResourceRule, Severity

WORKSPACE = "azure-native:machinelearningservices:Workspace"


def _endpoint(target: object, group: str) -> dict[str, object]:
    connection = {"privateLinkServiceId": target, "groupIds": [group]}
    return {"type": ENDPOINT, "name": "door", "properties": {"privateLinkServiceConnections": [connection]}}


_WORKSPACE = {"type": WORKSPACE, "name": "ml", "properties": {"workspaceName": "mlw-churn"}}
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw-churn"

RULE = ResourceRule(
    id="AML-02",
    title="Workspace reached over a private endpoint",
    severity=Severity.HIGH,
    scope="graph",
    types=(WORKSPACE,),
    check=privately_linked("amlworkspace"),
    covers=(
        "azp:45e05259-1eb5-4f70-9574-baf73e9d219b",
        "azp:7838fd83-5cbb-4b5d-888c-bfa240972597",
        "machine_learning_workspace_private_link_used",
        "MCSB:NS-2",
    ),
    packs=("hardened",),
    remedy="network.address_space: 10.10.0.0/16",
    failing=(
        Example(name="no endpoint", resources=[_WORKSPACE]),
        Example(name="an endpoint of another group", resources=[_WORKSPACE, _endpoint("${ml.id}", "vault")]),
        Example(
            name="an endpoint of another workspace",
            resources=[_WORKSPACE, _endpoint(_ID.replace("churn", "prices"), "amlworkspace")],
        ),
    ),
    passing=(
        Example(name="an endpoint in the same program", resources=[_WORKSPACE, _endpoint("${ml.id}", "amlworkspace")]),
        Example(name="an endpoint by the workspace's id", resources=[_WORKSPACE, _endpoint(_ID, "amlworkspace")]),
    ),
)
