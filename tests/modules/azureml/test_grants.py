"""Who gains which permission, read back from a plan's resources."""

from __future__ import annotations

from groundplan.modules.azureml.grants import grants
from groundplan.modules.contract.planned import Grant, PlannedResource, Unknown

import azure_stack

IDENTITY = PlannedResource(
    urn="urn:identity",
    type="azure-native:managedidentity:UserAssignedIdentity",
    name="identity-endpoint",
    properties={"resourceName": "id-churn-dev-endpoint"},
)
ACCOUNT = PlannedResource(
    urn="urn:account",
    type="azure-native:storage:StorageAccount",
    name="storage-account",
    properties={"accountName": "stchurn"},
)


def assignment(**properties: object) -> PlannedResource:
    return PlannedResource(
        urn="urn:assignment", type="azure-native:authorization:RoleAssignment", name="given", properties=properties
    )


def test_names_stand_for_what_is_known_only_after_up() -> None:
    made = assignment(
        principalId=Unknown(of=("urn:identity",), property="principalId"),
        scope=Unknown(of=("urn:account",), property="id"),
        roleDefinitionId="/…/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        condition="((x))",
    )
    assert grants([IDENTITY, ACCOUNT, made]) == (
        Grant(
            principal="id-churn-dev-endpoint",
            role="Storage Blob Data Reader (under a condition)",
            scope="stchurn",
            resource="given",
        ),
    )


def test_what_comes_from_elsewhere_says_from_where() -> None:
    reference = "urn:pulumi:dev::churn::pulumi:pulumi:StackReference::shared"
    of_stack = assignment(principalId=Unknown(of=(reference,)), scope="/subscriptions/s/resourceGroups/rg")
    of_nobody = assignment(principalId=Unknown(), scope="/subscriptions/s", roleDefinitionId="unheard-of")
    assert grants([of_stack, of_nobody]) == (
        Grant(
            principal="CI, by its identity in the shared stack", role="", scope="resourceGroups/rg", resource="given"
        ),
        Grant(principal="known after up", role="unheard-of", scope="subscriptions/s", resource="given"),
    )


def test_a_custom_role_has_its_name_and_a_federated_workflow_acts_as_an_identity() -> None:
    definition = PlannedResource(
        urn="urn:role",
        type="azure-native:authorization:RoleDefinition",
        name="role",
        properties={"roleDefinitionId": "guid-1", "roleName": "Endpoint Invoker (churn dev)"},
    )
    credential = PlannedResource(
        urn="urn:credential",
        type="azure-native:managedidentity:FederatedIdentityCredential",
        name="ci-dev",
        properties={"subject": "repo:example/churn:environment:dev", "resourceName": "id-churn-shared-ci-dev"},
    )
    made = assignment(principalId="group-1", scope="/a/workspaces/mlw", roleDefinitionId="/…/guid-1")
    assert grants([definition, credential, made]) == (
        Grant(principal="group-1", role="Endpoint Invoker (churn dev)", scope="workspaces/mlw", resource="given"),
        Grant(
            principal="repo:example/churn:environment:dev",
            role="acts as",
            scope="id-churn-shared-ci-dev",
            resource="ci-dev",
        ),
    )


def test_every_assignment_of_an_environment_is_told(hardened: azure_stack.Made) -> None:
    assigned = {name for name, one in hardened.items() if one.type == "azure-native:authorization:RoleAssignment"}
    assert {grant.resource for grant in grants(list(hardened.values()))} == assigned
