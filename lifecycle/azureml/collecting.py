"""What versions log of their requests: Azure ML's data collector, set up and where its blobs are.

The form: https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...core.extras import load

TAG: Final = "log-sample"
"""The tag of an endpoint that says which share of its requests its versions log."""

MANAGED: Final = "managed-monitors"
"""The tag of an endpoint whose versions also collect what Azure ML's own monitors read."""

CONTAINER: Final = "requests"
"""The container, and the keyless datastore, of what is logged."""

REQUESTS: Final = "request"
ANSWERS: Final = "response"
"""The collections of what any model is asked and answers, as HTTP bodies."""

INPUTS: Final = "model_inputs"
OUTPUTS: Final = "model_outputs"
"""The collections of both as tables, which Azure's scoring script for models of MLflow hands over."""

ASSET_VERSION: Final = "1"
"""The version of the data asset that each collection becomes."""


def collector(endpoint: Any, deployment: str) -> Any:
    """How a deployment logs its requests; None where its endpoint logs none."""
    tags: Mapping[str, str] = endpoint.tags or {}
    sample = float(tags.get(TAG, "0"))
    if not sample:
        return None
    entities = load("azure.ai.ml.entities")
    tables = (INPUTS, OUTPUTS) if MANAGED in tags else ()
    return entities.DataCollector(
        collections={
            one: entities.DeploymentCollection(
                enabled="true",
                data=entities.DataAsset(
                    name=asset(endpoint.name, deployment, one),
                    version=ASSET_VERSION,
                    path=f"azureml://datastores/{CONTAINER}/paths/{folder(endpoint.name, deployment, one)}",
                ),
            )
            for one in (REQUESTS, ANSWERS, *tables)
        },
        rolling_rate="Hour",
        sampling_rate=sample,
    )


def collects_tables(deployment: Any) -> bool:
    """Whether a deployment collects what monitors read."""
    collections: Mapping[str, Any] = deployment.data_collector.collections if deployment.data_collector else {}
    return INPUTS in collections and OUTPUTS in collections


def asset(endpoint: str, deployment: str, collection: str) -> str:
    """The data asset that a collection becomes."""
    return f"{endpoint}-{deployment}-{collection}"


def folder(endpoint: str, deployment: str, collection: str) -> str:
    """Where a collection's hours are in the container."""
    return f"{endpoint}/{deployment}/{collection}"
