"""An endpoint on each cloud with the SDK's real client before it and a stand-in service behind it, for one suite."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle import undeployment
from groundplan.lifecycle.azureml.endpoints import AzureMLEndpoints
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.contract.serving import DeployedModel, VersionedEndpoints
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.endpoints import VertexEndpoints

from stand_in import Store, serving
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service

PLATFORMS = ("azureml", "vertex")
WORKSPACE = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-churn-dev"
    "/providers/Microsoft.MachineLearningServices/workspaces/mlw-churn-dev"
)
LOCATION = "projects/acme-churn/locations/europe-west4"
ENDPOINTS = {
    "azureml": f"{WORKSPACE}/onlineEndpoints/churn-dev-0a1b",
    "vertex": f"{LOCATION}/endpoints/123456789",
}
VERTEX_LABELS = {"endpoint": "churn", "machine-type": "n1-standard-4", "account": "churn-dev-endpoint"}
"""What the endpoint's own labels say of it, as the modules write them."""
CANARY = {"111": 90, "222": 10, "333": 0}
MACHINES = Machines(type="Standard_DS3_v2", least=2)


def served(version: int) -> ServedModel:
    """A version of churn, as the registry vouches for it."""
    digest = f"sha256:{version:064x}"
    return ServedModel(name="churn", version=version, digest=digest, path=Path("model"), task="classification")


@dataclass(frozen=True, kw_only=True)
class Rig:
    """One cloud: ``endpoint`` is there, ``deploy`` puts models on it, ``adapter`` is groundplan's own."""

    platform: str
    service: Service
    endpoint: str
    adapter: VersionedEndpoints
    impatient: VersionedEndpoints
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def reset(self) -> None:
        """An endpoint with nothing on it, a service that answers."""
        service, store = self.service, self.service.store
        with store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes, self.told):
            one.clear()
        service.operations.clear()
        service.patience, service.late_error, service.meanwhile = 3, None, None
        if isinstance(service, VertexService):
            service.reset()
            store.occupy(
                self.endpoint, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="churn", labels=dict(VERTEX_LABELS),
                dedicatedEndpointDns=f"http://127.0.0.1:{service.port}",
            )  # fmt: skip
            return
        settings: dict[str, Any] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
        store.occupy(WORKSPACE, "azure-native:machinelearningservices:Workspace", **settings)
        for version in range(1, 5):
            model = f"{WORKSPACE}/models/churn/versions/{version}"
            store.occupy(model, "azure-native:machinelearningservices:ModelVersion", properties={})
        store.occupy(
            self.endpoint, "azure-native:machinelearningservices:OnlineEndpoint", **settings,
            kind="Managed", tags={"owner": "ml"},
            properties={"authMode": "AADToken", "publicNetworkAccess": "Disabled"},
        )  # fmt: skip

    def deploy(self, shares: Mapping[str, int]) -> None:
        """Put models with these ids and shares on the endpoint."""
        deploy = serving.deploy_to_vertex if self.platform == "vertex" else serving.deploy_to_azure
        deploy(self.service.store, self.endpoint, shares)

    def left(self) -> list[str]:
        """The ids of the models that are on the endpoint, as the store has it."""
        resources = self.service.store.resources
        if self.platform == "vertex":
            return [one["id"] for one in serving.deployed_models(resources[self.endpoint])]
        return [one["id"].rpartition("/")[2] for one in serving.deployments(self.endpoint, resources)]

    def shares(self) -> dict[str, int]:
        """The traffic, as the store has it."""
        return serving.traffic(self.service.store.resources[self.endpoint])

    def undeploy(self, *, seconds: float = 120, adapter: VersionedEndpoints | None = None) -> None:
        """Look, and take everything off."""
        endpoints = adapter or self.adapter
        shown = undeployment.deployed(endpoints, [self.endpoint])
        undeployment.undeploy(endpoints, [self.endpoint], shown=shown, seconds=seconds, watcher=self._tell)

    def work(self) -> list[str]:
        """The operations that the service was asked for, in order."""
        return [method for method, path in self.service.requests if method != "GET" and path != "/sts/token"]

    def _tell(self, model: DeployedModel, stage: str) -> None:
        self.told.append((stage, model.id))


@contextmanager
def rig(platform: str, folder: Path) -> Generator[Rig]:
    """The cloud, with its service running and this process signed in to it."""
    with signed_in(platform, Store(folder), folder) as service:
        yield Rig(
            platform=platform,
            service=service,
            endpoint=ENDPOINTS[platform],
            adapter=adapter(platform),
            # Gives up at the first answer that failed, as a command that is killed there.
            impatient=adapter(platform, Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)),
        )


def adapter(platform: str, pace: Pace | None = None) -> VersionedEndpoints:
    """Groundplan's own, as the next command has it; it asks quickly again unless said otherwise."""
    pace = pace or Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
    return VertexEndpoints(product="churn", pace=pace) if platform == "vertex" else AzureMLEndpoints(pace=pace)


@contextmanager
def signed_in(platform: str, store: Store, folder: Path) -> Generator[Service]:
    """A service that works on this store, and this process signed in to it."""
    service = VertexService(store, folder) if platform == "vertex" else AzureMLService(store, folder)
    with service, pytest.MonkeyPatch.context() as patch:
        for name in ("GOOGLE_APPLICATION_CREDENTIALS", "AZUREML_CURRENT_CLOUD"):
            patch.setenv(name, "")  # so that it goes again when the SDK sets it meanwhile, as azure-ai-ml does
            patch.delenv(name)
        for name, value in service.environment.items():
            patch.setenv(name, value)
        yield service
