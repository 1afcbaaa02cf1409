"""Azure as the stand-in plays it: resource ids, parents, immutable properties, names that deletion keeps reserved."""

from __future__ import annotations

import functools
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from groundplan.modules.azureml.catalogue import ids

from . import azure_description
from .facts import Account, Facts, Inputs

_SERVICES_OF_AN_ACCOUNT = ("blobServices", "fileServices", "queueServices", "tableServices")
_GLOBAL = {
    "containerregistry:Registry": "registryName",
    "keyvault:Vault": "vaultName",
    "machinelearningservices:Registry": "registryName",
    "storage:StorageAccount": "accountName",
}
_BY_REGION = {
    "machinelearningservices:BatchEndpoint": "endpointName",
    "machinelearningservices:OnlineEndpoint": "endpointName",
}
_SOFT_DELETED = frozenset({"keyvault:Vault", "machinelearningservices:Workspace"})
_REPLACED_BY: Mapping[str, frozenset[str]] = {
    "authorization:RoleAssignment": frozenset({"principalId", "roleDefinitionId"}),
    "network:PrivateEndpoint": frozenset({"subnet"}),
    "storage:StorageAccount": frozenset({"isHnsEnabled"}),
}
_IMMUTABLE: Mapping[str, frozenset[str]] = {
    "machinelearningservices:Compute": frozenset({
        "properties.computeType", "properties.properties.vmSize", "properties.properties.subnet"}),
    "machinelearningservices:OnlineEndpoint": frozenset({"properties.authMode"}),
    "machinelearningservices:Workspace": frozenset({"storageAccount", "keyVault", "hbiWorkspace", "kind"}),
}  # fmt: skip


@functools.cache
def facts(token: str) -> Facts:
    """What Azure knows of ``azure-native:…``; a type that is not listed here gets an id made of its own names."""
    short = token.partition(":")[2]
    template = ids.IDS.get(token, "")
    names = ids.names(token)
    kind = re.sub(r"/(?:default|\{[^}]*\})|^\{[^}]*\}/providers/", "", template) or "Microsoft." + short.replace(
        ":", "/"
    )
    return Facts(
        kind=kind,
        identify=functools.partial(_id, token),
        parent=_parent_of_extension if template.startswith("{") else _parent,
        forces=frozenset({"resourceGroupName", "location", *names}) | _REPLACED_BY.get(short, frozenset()),
        immutable=_IMMUTABLE.get(short, frozenset()),
        taken=functools.partial(_taken, short),
        reserves=short in _SOFT_DELETED,
        outputs=functools.partial(_outputs, kind),
        refine=functools.partial(azure_description.refuse, kind=kind, own=names[-1] if names else ""),
    )


def _id(token: str, inputs: Inputs, account: Account) -> str:
    known = ids.resource_id(token, inputs, account.subscription)
    if known:
        return known
    cls = token.rpartition(":")[2]
    likely = (cls[0].lower() + cls[1:] + "Name", "name", "resourceName")
    name = next((str(inputs[one]) for one in likely if one in inputs), guid(token, json.dumps(inputs, sort_keys=True)))
    group = f"/resourceGroups/{inputs['resourceGroupName']}" if "resourceGroupName" in inputs else ""
    return f"/subscriptions/{account.subscription}{group}/providers/Microsoft.{token.split(':')[1]}/{cls}/{name}"


def _parent(id: str) -> str:
    head, _, tail = id.rpartition("/providers/")
    segments = tail.split("/")
    if len(segments) <= 3 or segments[-2] in _SERVICES_OF_AN_ACCOUNT:
        return head if not tail or len(segments) <= 3 else f"{head}/providers/{'/'.join(segments[:3])}"
    if segments[-4] in _SERVICES_OF_AN_ACCOUNT:
        return f"{head}/providers/{'/'.join(segments[:3])}"
    parent = id.rpartition("/")[0].rpartition("/")[0]
    # Azure ML makes the container of an asset with its first version.
    return _parent(parent) if segments[-2] == "versions" else parent


def _parent_of_extension(id: str) -> str:
    parent = id.rpartition("/providers/")[0]
    return _parent(parent) if parent.split("/")[-2:-1] and parent.split("/")[-2] in _SERVICES_OF_AN_ACCOUNT else parent


def _taken(short: str, inputs: Inputs, _account: Account) -> str:
    if short in _GLOBAL:
        return f"{short}/{inputs.get(_GLOBAL[short])}".lower()
    if short in _BY_REGION:
        return f"{short}/{inputs.get('location')}/{inputs.get(_BY_REGION[short])}".lower()
    return ""


def guid(*parts: str) -> str:
    """An identifier as the cloud would draw it, the same every time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))


def _outputs(kind: str, id: str, inputs: Inputs, account: Account) -> dict[str, Any]:
    """What Azure itself adds; the provider keeps those of them that the type gives."""
    name = id.rpartition("/")[2]
    region = str(inputs.get("location") or "global")
    return {
        "name": name,
        "type": kind,
        "principalId": guid(id, "principal"),
        "clientId": guid(id, "client"),
        "tenantId": account.tenant,
        "provisioningState": "Succeeded",
        "customerId": guid(id, "customer"),
        "workspaceId": guid(id, "workspace"),
        "vaultUri": f"https://{name}.vault.azure.net/",
        "loginServer": f"{name}.azurecr.io",
        "scoringUri": f"https://{name}.{region}.inference.ml.azure.com/score",
        "swaggerUri": f"https://{name}.{region}.inference.ml.azure.com/swagger.json",
        "discoveryUrl": f"https://{region}.api.azureml.ms/discovery",
        "keyUri": f"{id.replace('/', '-')}/keys/{name}",
        "keyUriWithVersion": f"https://{name}.vault.azure.net/keys/{name}/{guid(id, 'version').replace('-', '')}",
        "instrumentationKey": guid(id, "instrumentation"),
        "connectionString": f"InstrumentationKey={guid(id, 'instrumentation')}",
        "appId": guid(id, "app"),
        "primaryEndpoints": {
            service: f"https://{name}.{service}.core.windows.net/" for service in ("blob", "dfs", "file", "queue")
        },
        "createdOn": "2026-01-01T00:00:00Z",
    }
