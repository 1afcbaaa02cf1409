"""Models on endpoints in the stand-in cloud's store: put there, looked for, and what they forbid to delete.

Vertex AI keeps them in the endpoint, Azure ML as resources inside it; the providers and the services see the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import messages
from .store import Resource, Store

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
_WITH_MODELS = (":OnlineEndpoint", ":OnlineDeployment", ":AiEndpoint", ":AiDeploymentResourcePool")


def refusal(resource: Resource, resources: Mapping[str, Resource]) -> str:
    """Why the cloud does not delete a resource as long as models are on it; empty when it does."""
    if not resource["type"].endswith(_WITH_MODELS):
        return ""
    id = resource["id"]
    if resource["type"].endswith(":AiEndpoint"):
        ids = ", ".join(one["id"] for one in deployed_models(resource))
        return messages.GOOGLE_MODELS_DEPLOYED.format(id=id, ids=ids) if ids else ""
    if resource["type"].endswith(":AiDeploymentResourcePool"):
        return messages.GOOGLE_POOL_IN_USE.format(id=id) if on_pool(id, resources) else ""
    if resource["type"].endswith(":OnlineDeployment"):
        endpoint = _within(id.partition("/deployments/")[0], resources)
        share = traffic(endpoint).get(id.rpartition("/")[2], 0) if endpoint else 0
        return messages.AZURE_HAS_TRAFFIC.format(name=id.rpartition("/")[2], share=share) if share else ""
    names = ", ".join(sorted(one["id"].rpartition("/")[2] for one in deployments(id, resources)))
    return messages.AZURE_HAS_DEPLOYMENTS.format(name=id.rpartition("/")[2], names=names) if names else ""


def deployed_models(endpoint: Resource) -> list[dict[str, Any]]:
    """The models on an endpoint of Vertex AI."""
    return endpoint["outputs"].get("deployedModels") or []


def on_pool(pool: str, resources: Mapping[str, Resource]) -> list[tuple[Resource, dict[str, Any]]]:
    """The models on the machines of a pool, with their endpoints."""
    return [
        (one, model)
        for one in resources.values()
        for model in deployed_models(one)
        if model.get("sharedResources") == pool
    ]


def deployments(endpoint: str, resources: Mapping[str, Resource]) -> list[Resource]:
    """The deployments of an endpoint of Azure ML."""
    inside = f"{endpoint}/deployments/".lower()
    return [one for id, one in resources.items() if id.lower().startswith(inside)]


def traffic(endpoint: Resource) -> dict[str, int]:
    """The shares of an endpoint, by the name of a deployment or the id of a deployed model."""
    if endpoint["type"].endswith(":AiEndpoint"):
        return json.loads(endpoint["inputs"].get("trafficSplit") or "{}")
    shares: dict[str, float] = endpoint["inputs"].get("properties", {}).get("traffic") or {}
    return {name: int(share) for name, share in shares.items()}


def mirrored(endpoint: Resource) -> dict[str, int]:
    """Who gets copies at an endpoint of Azure ML, and of how many percent."""
    shares: dict[str, float] = endpoint["inputs"].get("properties", {}).get("mirrorTraffic") or {}
    return {name: int(share) for name, share in shares.items()}


def set_traffic(endpoint: Resource, shares: Mapping[str, int], mirrored: Mapping[str, int] | None = None) -> None:
    """Give an endpoint other shares; Azure ML's mirrors too."""
    for part in (endpoint["inputs"], endpoint["outputs"]):
        if endpoint["type"].endswith(":AiEndpoint"):
            part["trafficSplit"] = json.dumps(dict(shares))
        else:
            part.setdefault("properties", {})["traffic"] = dict(shares)
            part["properties"]["mirrorTraffic"] = dict(mirrored or {})


def deploy_to_vertex(store: Store, endpoint: str, shares: Mapping[str, int], *, pool: str = "") -> None:
    """Models ``churn`` in versions 1, 2 …, with these ids and shares."""
    with store.changing() as content:
        resource = content["resources"][endpoint]
        resource["outputs"]["deployedModels"] = [
            {"id": id, "displayName": "churn", "modelVersionId": str(number),
             "model": f"{endpoint.partition('/endpoints/')[0]}/models/77",
             **({"sharedResources": pool} if pool else {})}
            for number, id in enumerate(shares, start=1)
        ]  # fmt: skip
        set_traffic(resource, {id: share for id, share in shares.items() if share})


def deploy_to_azure(store: Store, endpoint: str, shares: Mapping[str, int]) -> None:
    """Deployments of ``churn`` in versions 1, 2 …, with these names and shares."""
    with store.changing() as content:
        workspace = endpoint.partition("/onlineEndpoints/")[0]
        for number, name in enumerate(shares, start=1):
            properties = {
                "endpointComputeType": "Managed",
                "instanceType": "Standard_DS3_v2",
                "scaleSettings": {"scaleType": "Default"},
                "model": f"{workspace}/models/churn/versions/{number}",
            }
            id = f"{endpoint}/deployments/{name}"
            # The SDK needs what Azure fills in: the scale and the number of instances.
            settings: dict[str, Any] = {
                "deploymentName": name,
                "location": "westeurope",
                "properties": properties,
                "sku": {"name": "Default", "capacity": 1},
            }
            content["resources"][id] = {
                "id": id, "urn": "", "type": DEPLOYMENT, "inputs": settings, "outputs": settings,
            }  # fmt: skip
        set_traffic(content["resources"][endpoint], {name: share for name, share in shares.items() if share})


def _within(id: str, resources: Mapping[str, Resource]) -> Resource | None:
    return next((one for key, one in resources.items() if key.lower() == id.lower()), None)
