"""What versions log of their requests: Azure ML's data collector, set up and where its blobs are.

The form: https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...core.extras import load

TAG: Final = "log-sample"
"""The tag of an endpoint that says which share of its requests its versions log."""

CONTAINER: Final = "requests"
"""The container, and the keyless datastore, of what is logged."""

REQUESTS: Final = "request"
ANSWERS: Final = "response"
"""The collections of what any model is asked and answers, as HTTP bodies."""


def collector(endpoint: Any, deployment: str) -> Any:
    """How a deployment logs its requests; None where its endpoint logs none."""
    tags: Mapping[str, str] = endpoint.tags or {}
    sample = float(tags.get(TAG, "0"))
    if not sample:
        return None
    entities = load("azure.ai.ml.entities")
    return entities.DataCollector(
        collections={
            one: entities.DeploymentCollection(
                enabled="true",
                data=entities.DataAsset(
                    name=f"{endpoint.name}-{deployment}-{one}",
                    version="1",
                    path=f"azureml://datastores/{CONTAINER}/paths/{folder(endpoint.name, deployment, one)}",
                ),
            )
            for one in (REQUESTS, ANSWERS)
        },
        rolling_rate="Hour",
        sampling_rate=sample,
    )


def folder(endpoint: str, deployment: str, collection: str) -> str:
    """Where a collection's hours are in the container."""
    return f"{endpoint}/{deployment}/{collection}"
