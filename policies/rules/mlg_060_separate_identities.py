"""What serves and what trains are different identities, and what serves may change nothing.

What: an online endpoint of Azure ML shares no identity with a compute; no role assignment gives the identity of an
endpoint a role that manages, trains or pushes, and one that writes blobs only for a single container. On Google Cloud
no service account gets owner, editor or ``aiplatform.admin`` of the project.

Why: an endpoint reads what strangers send; whoever takes it over must not thereby own the training data and the next
model.

Fix: groundplan gives each its own identity; take the broad grant out of your own program, or out of ``overrides``.

Decided: a Vertex AI endpoint gets its service account when a model is deployed to it, so there the grants alone are
judged. Google's own service agents are not. Who comes from another stack cannot be told: unknown.
"""

from collections.abc import Mapping

from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..project import is_hidden
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example
from ..values import Unknown

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
COMPUTE = "azure-native:machinelearningservices:Compute"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
GRANT = "azure-native:authorization:RoleAssignment"
CONTAINER = "azure-native:storage:BlobContainer"
MEMBER = "gcp:projects/iAMMember:IAMMember"
ACCOUNT = "gcp:serviceaccount/account:Account"
ACTS_AS = "identity.userAssignedIdentities"
_REFUSED = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": "AzureML Data Scientist",
    "1823dd4f-9b8c-4ab6-ab4e-7397a3684615": "AzureML Registry User",
    "8311e382-0749-4cb8-b61a-304f252e45ec": "AcrPush",
}
_WRITES = {
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
}
_BROAD = ("roles/owner", "roles/editor", "roles/aiplatform.admin")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == ENDPOINT:
        return _of_endpoint(resource, facts)
    return _of_grant(resource, facts) if resource.type == GRANT else _of_member(resource, facts)


def _of_endpoint(resource: Resource, facts: Facts) -> Outcome:
    for identity in facts.graph.targets(resource, ACTS_AS, IDENTITY):
        users = facts.graph.referring(identity, COMPUTE, ACTS_AS)
        if users:
            return failed(ACTS_AS, f"{identity.name}, which {users[0].name} trains as", "an identity of its own")
    value = resource.get(ACTS_AS)
    own = isinstance(value, Unknown) and not value.of
    return unknown(ACTS_AS, "an identity of its own") if own else passed(ACTS_AS)


def _of_grant(resource: Resource, facts: Facts) -> Outcome:
    who = facts.graph.targets(resource, "principalId", IDENTITY)
    if not any(facts.graph.referring(one, ENDPOINT, ACTS_AS) for one in who):
        return not_applicable("it is not for what serves")
    path = "roleDefinitionId"
    role = resource.get(path)
    if is_hidden(role):
        return unknown(path, "a role that only reads")
    id = str(role).rpartition("/")[2].lower()
    if id in _REFUSED:
        return failed(path, _REFUSED[id], "a role that only reads")
    if id in _WRITES and not _is_one_container(resource, facts):
        return failed(path, f"{_WRITES[id]} of more than a container", "a role that only reads, or one container")
    return passed(path, role)


def _is_one_container(resource: Resource, facts: Facts) -> bool:
    scope = resource.get("scope")
    named = isinstance(scope, str) and "/containers/" in scope.lower()
    return named or bool(facts.graph.targets(resource, "scope", CONTAINER))


def _of_member(resource: Resource, facts: Facts) -> Outcome:
    role, member = str(resource.get("role")), resource.get("member")
    if is_hidden(resource.get("role")):
        return unknown("role", "a role of what it does")
    if role not in _BROAD:
        return not_applicable("the role is not broad")
    expected = "a role of what it does"
    if facts.graph.targets(resource, "member", ACCOUNT):
        return failed("role", role, expected)
    if is_hidden(member):
        return unknown("member", expected)
    text = str(member)
    of_google = "@gcp-sa-" in text or text.endswith("@cloudservices.gserviceaccount.com")
    if of_google or not text.startswith("serviceAccount:"):
        return not_applicable("it is for no service account of one's own")
    return failed("role", role, expected)


def _one(type: str, name: str, properties: Mapping[str, object]) -> Mapping[str, object]:
    return {"type": type, "name": name, "properties": properties}


def _granted(name: str, role: str, scope: str) -> Example:
    roles = f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}"
    grant = {"principalId": "${server.principalId}", "roleDefinitionId": roles, "scope": scope}
    return Example(name=name, resources=[_one(GRANT, "grant", grant), *_SERVING], about="grant")


_SERVING = [
    _one(ENDPOINT, "churn", {"endpointName": "churn", "identity": {"userAssignedIdentities": ["${server.id}"]}}),
    _one(IDENTITY, "server", {"resourceName": "id-server"}),
]
_TRAINING = _one(COMPUTE, "gpu", {"identity": {"userAssignedIdentities": ["${server.id}"]}})
_STORE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st"
_BLOB_WRITER = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"

RULE = ResourceRule(
    id="MLG-060",
    title="Serving and training use different least-privilege identities",
    severity=Severity.HIGH,
    scope="graph",
    types=(ENDPOINT, GRANT, MEMBER),
    check=_check,
    relates_to=("NIST-800-53r5 AC-6", "ISO-27001 A.8.2"),
    packs=("governance",),
    failing=(
        Example(name="one for both", resources=[*_SERVING, _TRAINING], about="churn"),
        _granted("an endpoint that is contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "/subscriptions/s"),
        _granted("an endpoint that writes all blobs", _BLOB_WRITER, _STORE),
        example("an editor", MEMBER, {"role": "roles/editor", "member": "serviceAccount:a@p.iam.gserviceaccount.com"}),
        Example(
            name="a workload that is admin",
            resources=[
                _one(MEMBER, "grant", {"role": "roles/aiplatform.admin", "member": "${server.member}"}),
                _one(ACCOUNT, "server", {"accountId": "server"}),
            ],
        ),
    ),
    passing=(
        Example(
            name="one each",
            resources=[
                *_SERVING,
                _one(COMPUTE, "gpu", {"identity": {"userAssignedIdentities": ["${trainer.id}"]}}),
                _one(IDENTITY, "trainer", {"resourceName": "id-trainer"}),
            ],
            about="churn",
        ),
        _granted("a reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", _STORE),
        _granted("a writer of one container", _BLOB_WRITER, f"{_STORE}/blobServices/default/containers/requests"),
    ),
)
