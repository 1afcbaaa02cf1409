"""Taking a model off its endpoint at Vertex AI."""

from __future__ import annotations

from typing import Any

from ..contract.serving import DeployedModel
from ..patience import Patience
from . import errors, sharing
from .calls import Calls
from .client import CALL_SECONDS


def undeploy(calls: Calls, model: DeployedModel, patience: Patience) -> None:
    """Take it off; one that is gone is fine. What it had of the traffic goes to the one that has the most."""
    doing = f"undeploy {model.model} version {model.version}"

    def act() -> Any:
        # Looked at each time: a try whose answer was lost may have done it.
        endpoint = calls.endpoint(model.endpoint, patience)
        if endpoint is None or model.id not in {one.id for one in endpoint.deployed_models}:
            return None
        return _begin(calls, endpoint, model)

    operation = calls.found(act, patience, doing=doing, resource=model.endpoint)
    if operation is None:
        return
    failure = calls.ended(operation, patience, doing=doing, resource=model.endpoint)
    if failure is not None:
        raise errors.translated(failure, doing=doing, resource=model.endpoint) from failure


def _begin(calls: Calls, endpoint: Any, model: DeployedModel) -> Any:
    begun = calls.of(model.endpoint).endpoints.undeploy_model(
        endpoint=model.endpoint,
        deployed_model_id=model.id,
        traffic_split=sharing.without(endpoint, model.id),
        timeout=CALL_SECONDS,
        retry=None,
    )
    return calls.begun(begun, model.endpoint, "UndeployModelResponse")
