"""Where an endpoint of Vertex AI answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import UsageError
from . import naming


def address(endpoint: Any, service: str) -> str:
    """The URL of predictions; ``service`` is where the region's own service is asked.

    Raises UsageError for an endpoint that has none yet, or whose address its network decides.
    """
    if endpoint.dedicated_endpoint_dns:
        host = endpoint.dedicated_endpoint_dns
        return f"{host if '://' in host else f'https://{host}'}/v1/{endpoint.name}:predict"
    if endpoint.network:
        return _peered(endpoint)
    connected = endpoint.private_service_connect_config
    if connected.enable_private_service_connect:
        attachment = connected.service_attachment or next(
            (one.private_endpoints.service_attachment for one in endpoint.deployed_models), ""
        )
        raise UsageError(
            "the endpoint answers inside a network only, at the address of a forwarding rule there",
            where=endpoint.name,
            hint=f"Point a forwarding rule to {attachment or 'its service attachment, made by the first deployment'}; "
            f"predictions are then at http://ADDRESS/v1/{endpoint.name}:predict",
        )
    return f"{service}/v1/{endpoint.name}:predict"


def numbered(answer: Mapping[str, object], endpoint: Any) -> Mapping[str, object]:
    """An answer whose version is that of the registry: a copy in another project has a number of its own."""
    named = {one.id: naming.deployed_version(one.display_name) for one in endpoint.deployed_models}
    known = named.get(str(answer.get("deployedModelId")))
    return answer if known is None else {**answer, "modelVersionId": known[1]}


def _peered(endpoint: Any) -> str:
    """In a peered network each model has an address of its own: that of the one with the largest share."""
    shares = endpoint.traffic_split
    by_share = sorted(endpoint.deployed_models, key=lambda one: (-shares.get(one.id, 0), one.id))
    uris = [one.private_endpoints.predict_http_uri for one in by_share if one.private_endpoints.predict_http_uri]
    if not uris:
        raise UsageError(
            "the endpoint has no address yet: in a peered network the model that is deployed has one",
            where=endpoint.name,
            hint="groundplan deploy puts a model there.",
        )
    return uris[0]
