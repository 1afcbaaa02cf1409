"""The conformance suite's platforms over the clouds' own adapters: the SDKs' real clients, stand-in services behind.

What versions did is told here; that the clouds' metrics are read rightly is for each adapter's own tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from groundplan.lifecycle.azureml.registry import AzureMLRegistry
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.contract.model import ModelVersion
from groundplan.lifecycle.contract.records import Records
from groundplan.lifecycle.contract.registry import Registry
from groundplan.lifecycle.contract.serving import Demand, DeployedModel, VersionedEndpoints, Watcher
from groundplan.lifecycle.contract.traffic import Observation, Traffic
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.platform import platform as recorded
from groundplan.lifecycle.vertex.registry import VertexRegistry

import cloud_registry_kit
import records_kit
import serving_kit
import vertex_registry_kit
from conformance_kit import Rig
from logged_on_clouds import logged
from managed_on_azureml import AzureManagedRig
from managed_on_vertex import VertexManagedRig
from records_kit import RecordsRig
from registry_kit import ENVIRONMENTS, MODEL
from stand_in import serving
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Request, Service
from vertex_registry_kit import IMAGE

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.platform import Platform

PACE = Pace(first_seconds=0.005, longest_seconds=0.02)
"""As many tries as a command makes, one soon after the other."""

_UNFIT = {
    "azureml": {"code": "ResourceNotReady", "message": "version 2 did not become healthy"},
    "vertex": {"code": 9, "message": "version 2 did not become healthy"},
}


@dataclass
class TellingEndpoints:
    """A cloud's endpoints, whose versions did what a test says; ``unfit`` are versions that never become healthy."""

    adapter: VersionedEndpoints
    rig: serving_kit.Rig
    told: Sequence[Observation] = ()
    unfit: set[int] = field(default_factory=set[int])

    def serves(self, resource: str) -> bool:
        return self.adapter.serves(resource)

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        return self.adapter.deployed(resource)

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        self.adapter.undeploy(models, seconds=seconds, watcher=watcher)

    def deploy(self, endpoint: str, served: ServedModel, machines: Machines, *, seconds: float) -> DeployedModel:
        if served.version in self.unfit:
            self._fail_once()
        return self.adapter.deploy(endpoint, served, machines, seconds=seconds)

    def route(self, endpoint: str, traffic: Traffic, *, seconds: float, demand: Demand | None = None) -> None:
        self.adapter.route(endpoint, traffic, seconds=seconds, demand=demand)

    def address(self, endpoint: str) -> str:
        return self.adapter.address(endpoint)

    def predict(self, endpoint: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        return self.adapter.predict(endpoint, rows)

    def observe(
        self, endpoint: str, since: str, until: str = "", *, there: Sequence[DeployedModel] | None = None
    ) -> Sequence[Observation]:
        if there is None or self.rig.platform == "vertex":  # what the adapter asks before it asks for metrics
            self.adapter.address(endpoint)
        return self.told

    def log(self, endpoint: str, version: int, *, lines: int) -> str:
        return self.adapter.log(endpoint, version, lines=lines)

    def _fail_once(self) -> None:
        """The operation that begins next fails late; what begins after it does not."""
        service = self.rig.service
        service.late_error = cast("Any", _UNFIT[self.rig.platform])
        begun: list[str] = []

        def heal(request: Request) -> None:
            if begun:
                service.late_error, service.meanwhile = None, None
            if request.method != "GET" and "token" not in request.path:
                begun.append(request.path)

        service.meanwhile = heal


class AzureModels:
    """A workspace's own registry, and its storage; ``apart`` with the registry that environments share."""

    def __init__(self, service: AzureMLService, *, apart: bool = False) -> None:
        self._service = service
        self._shared = cloud_registry_kit.SHARED if apart else ""
        with service.store.changing() as content:
            for id in [one for one in content["resources"] if "/models/" in one]:
                del content["resources"][id]
        cloud_registry_kit.occupy(service.store)

    def registry(self, seconds: float) -> Registry:
        """The registry as the next command opens it."""
        return AzureMLRegistry(
            serving_kit.WORKSPACE, environment="dev", registry=self._shared, pace=PACE, seconds=seconds
        )  # fmt: skip

    def tamper(self, version: ModelVersion) -> None:
        """Somebody changes a file of a version's folder."""
        blobs = self._service.blobs
        kept = [one for one in blobs.content if one[2].endswith("/model.skops")]
        for account, container, name in kept[version.version - 1 : version.version]:
            blobs.put(account, container, name, b"evil")

    def occupy(self) -> None:
        """Somebody else registers a version under the model's name."""
        self._service.put({
            "id": f"{serving_kit.WORKSPACE}/models/{MODEL}/versions/1", "urn": "",
            "type": "azure-native:machinelearningservices:ModelVersion",
            "inputs": {"properties": {"modelUri": "azureml://subscriptions/0/datastores/artifacts/paths/by-hand"}},
            "outputs": {"created": "2026-11-28T03:00:00+00:00"},
        })  # fmt: skip


class VertexModels:
    """Vertex AI's own registry, and its bucket; ``apart`` with staging in a project of its own."""

    def __init__(self, service: VertexService, *, apart: bool = False) -> None:
        self._service = service
        self._elsewhere = {"staging": vertex_registry_kit.PROD} if apart else {}

    def registry(self, seconds: float) -> Registry:
        """The registry as the next command opens it."""
        return VertexRegistry(
            serving_kit.LOCATION, bucket=records_kit.BUCKET, product="churn", images={MODEL: IMAGE},
            environments={**dict.fromkeys(ENVIRONMENTS, serving_kit.LOCATION), **self._elsewhere},
            pace=PACE, seconds=seconds,
        )  # fmt: skip

    def tamper(self, version: ModelVersion) -> None:
        """Somebody changes a file of a version's folder."""
        file = f"artifacts/models/{version.name}/{version.digest.removeprefix('sha256:')}/model.skops"
        self._service.buckets.put(records_kit.BUCKET, file, b"evil")

    def occupy(self) -> None:
        """Somebody else registers a version under the model's name."""
        model = f"{serving_kit.LOCATION}/models/churn--{MODEL}"
        self._service.models.content[model] = [{
            "name": model, "displayName": MODEL, "versionId": "1", "labels": {}, "etag": "e",
            "versionAliases": ["default"], "artifactUri": "gs://somebody/model",
            "containerSpec": {"imageUri": IMAGE}, "versionCreateTime": "2026-01-01T00:00:00Z",
        }]  # fmt: skip


class CloudRig(Rig):
    """One cloud: records and endpoints by its own adapters; ``apart``: versions are copied between environments.

    ``seconds`` is the time limit of a command.
    """

    def __init__(self, folder: Path, started: serving_kit.Rig, *, apart: bool = False) -> None:
        super().__init__(folder)
        self.seconds = 120.0
        self.copies = 0 if started.platform == "vertex" else 50
        self._started = started
        started.reset()
        self._records = _records(started)
        self._endpoints = TellingEndpoints(serving_kit.adapter(started.platform, PACE), started)
        self._logged = logged(started)
        self._models = _models(started.service, apart=apart)
        self._monitors = _monitors(started)
        self.managed = self._monitors

    @property
    def service(self) -> Service:
        """The stand-in behind it."""
        return self._started.service

    def registry(self) -> Registry:
        """The cloud's registry, as the next command opens it."""
        return self._models.registry(self.seconds)

    def records(self) -> Records:
        """The records, as the next command opens them."""
        return self._records.records(PACE)

    def there(self) -> list[int]:
        """The versions on the endpoint, as the store has them."""
        if self._started.endpoint not in self.service.store.resources:
            return []
        return sorted(self._version(id) for id in self._started.left())

    def platform(self) -> Platform:
        site = Site(
            records=self.records(), endpoints=self._endpoints, ids={"churn": self._started.endpoint},
            requests=self._logged.adapter(), jobs=cast("Any", None),
            managed=self._monitors.adapter(),
        )  # fmt: skip
        made = recorded(
            self._started.platform, {"dev": site}, self.registry(), measuring=self.measuring(), judge=watched,
            row_schema=lambda path: {"path": path.name}, prepare=cast("Any", None),
            folder=self.folder / "machine", seconds=self.seconds,
        )  # fmt: skip
        return replace(made, runs=cast("Any", self.runs))

    def log(self, lines: Sequence[str]) -> Sequence[str]:
        return self._logged.put([json.loads(line) for line in lines])

    def tamper(self, version: ModelVersion) -> None:
        self._models.tamper(version)

    def occupy(self) -> None:
        self._models.occupy()

    def lose_endpoint(self) -> None:
        gone = self._started.endpoint.lower()
        with self._started.service.store.changing() as content:
            for id in [one for one in content["resources"] if one.lower().startswith(gone)]:
                del content["resources"][id]

    def spoil(self, version: int) -> None:
        self._endpoints.unfit.add(version)

    def tell(self, *observed: Observation) -> None:
        self._endpoints.told = observed

    def shares(self) -> Mapping[int, int]:
        endpoint = self._started.service.store.resources.get(self._started.endpoint)
        shares = {} if endpoint is None else serving.traffic(endpoint)
        found = {self._version(id): share for id, share in shares.items() if share}
        return {version: found[version] for version in sorted(found)}

    def mirrored(self) -> int | None:
        if self._started.platform == "vertex":
            return None
        copies = serving.mirrored(self._started.service.store.resources[self._started.endpoint])
        return next((self._version(id) for id, share in copies.items() if share), None)

    def _version(self, id: str) -> int:
        if self._started.platform == "azureml":
            return int(id.rpartition("-")[2])
        endpoint = self._started.service.store.resources[self._started.endpoint]
        there = {one["id"]: one["displayName"] for one in serving.deployed_models(endpoint)}
        return int(there[id].rpartition("-v")[2])


def _models(service: Service, *, apart: bool) -> AzureModels | VertexModels:
    if isinstance(service, VertexService):
        return VertexModels(service, apart=apart)
    assert isinstance(service, AzureMLService)
    return AzureModels(service, apart=apart)


def _records(started: serving_kit.Rig) -> RecordsRig:
    """The records of the environment, empty; they live on the same service as the endpoints."""
    made = RecordsRig(platform=started.platform, service=started.service, writing=("", ""), reading=("", ""), gone="")
    if isinstance(started.service, VertexService):
        started.service.buckets.make(records_kit.BUCKET)
    else:
        assert isinstance(started.service, AzureMLService)
        started.service.blobs.content.clear()
        started.service.store.occupy(records_kit.CONTAINER, "azure-native:storage:BlobContainer")
    return made


def _monitors(started: serving_kit.Rig) -> AzureManagedRig | VertexManagedRig:
    service = started.service
    if isinstance(service, VertexService):
        return VertexManagedRig(service, started.endpoint)
    assert isinstance(service, AzureMLService)
    return AzureManagedRig(service, started.endpoint)
