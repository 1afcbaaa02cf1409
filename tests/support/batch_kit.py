"""Batch endpoints of each cloud with the SDK's real client before them and a stand-in service behind, for one suite."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundplan.lifecycle.azureml.batch import AzureMLBatches
from groundplan.lifecycle.contract.batch import BatchEndpoints, BatchPlace
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.batch import VertexBatches

import serving_kit
from serving_kit import LOCATION, WORKSPACE
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service

PLATFORMS = serving_kit.PLATFORMS
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
BUCKET = "acme-churn-dev-artifacts"
COMPUTE = f"{WORKSPACE}/computes/cpu-train"
_ACCOUNT = f"{WORKSPACE.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/stchurndev"
_CONTAINER = f"{_ACCOUNT}/blobServices/default/containers/artifacts"
_IDENTITY = (
    f"{WORKSPACE.partition('/providers/')[0]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-endpoint"
)
_NATIVE = "azure-native:machinelearningservices"
ROWS: tuple[Mapping[str, object], ...] = (
    {"tenure": 3, "plan": "basic"}, {"tenure": 40, "plan": "größer, teurer"}, {"tenure": 12, "plan": None},
    {"tenure": 7, "plan": 'say "hi"'},
)  # fmt: skip

PLACES = {
    "azureml": BatchPlace(
        id=f"{WORKSPACE}/batchEndpoints/nightly-dev-0a1b",
        name="nightly-dev-0a1b",
        folder="azureml://datastores/artifacts/paths/batch/nightly",
        machines=Machines(type="", least=1, most=2),
        compute=COMPUTE,
        seconds=60,
    ),
    "vertex": BatchPlace(
        id=LOCATION,
        name="churn-dev-nightly",
        folder=f"gs://{BUCKET}/artifacts/batch/nightly",
        machines=Machines(type="n1-standard-4", least=1, most=2),
        account="churn-dev-endpoint@acme-churn.iam.gserviceaccount.com",
        labels={"project": "churn"},
    ),
}


def predicted(version: int) -> list[object]:
    """What a version of the stand-ins predicts for ``ROWS``."""
    return [3.0 * version, 40.0 * version, 12.0 * version, 7.0 * version]


@dataclass(frozen=True, kw_only=True)
class BatchRig:
    """One cloud with versions 1 and 2 of churn and a batch endpoint."""

    platform: str
    service: Service
    place: BatchPlace
    endpoints: BatchEndpoints
    impatient: BatchEndpoints

    def served(self, version: int) -> ServedModel:
        """A version of churn, as the registry vouches for it."""
        return serving_kit.served(version)

    def reset(self) -> None:
        """Nothing was deployed or predicted, and nothing goes wrong."""
        service, store = self.service, self.service.store
        with store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes, service.operations):
            one.clear()
        service.patience, service.late_error, service.meanwhile = 3, None, None
        if isinstance(service, VertexService):
            service.reset()
            service.buckets.make(BUCKET)
            service.models.content[f"{LOCATION}/models/churn--churn"] = [_version(one) for one in (1, 2)]
            return
        assert isinstance(service, AzureMLService)
        service.blobs.content.clear()
        service.batch.reset()
        store.occupy(WORKSPACE, f"{_NATIVE}:Workspace", location="westeurope", identity={"type": "SystemAssigned"})
        store.occupy(_ACCOUNT, "azure-native:storage:StorageAccount", location="westeurope")
        store.occupy(_CONTAINER, "azure-native:storage:BlobContainer")
        store.occupy(COMPUTE, f"{_NATIVE}:Compute", location="westeurope", properties={"computeType": "AmlCompute"})
        store.occupy(
            f"{WORKSPACE}/datastores/artifacts", f"{_NATIVE}:Datastore",
            properties={"datastoreType": "AzureBlob", "accountName": "stchurndev", "containerName": "artifacts",
                        "credentials": {"credentialsType": "None"}, "endpoint": "core.windows.net"},
        )  # fmt: skip
        store.occupy(
            self.place.id, f"{_NATIVE}:BatchEndpoint", location="westeurope", tags={"owner": "ml"},
            identity={"type": "UserAssigned", "userAssignedIdentities": {_IDENTITY: {}}},
            properties={"authMode": "AADToken", "description": "nightly"},
        )  # fmt: skip
        for version in (1, 2):
            store.occupy(f"{WORKSPACE}/models/churn/versions/{version}", f"{_NATIVE}:ModelVersion", properties={})

    @property
    def jobs(self) -> int:
        """How many jobs were started."""
        service = self.service
        assert isinstance(service, AzureMLService | VertexService)
        return len(service.batch.jobs)

    @property
    def uploads(self) -> list[str]:
        """The files with rows, as the storage has them."""
        service = self.service
        if isinstance(service, VertexService):
            return sorted(one for one in service.buckets.content[BUCKET] if "/rows/" in one)
        assert isinstance(service, AzureMLService)
        return sorted(name for *_, name in service.blobs.content if "/rows/" in name)

    def leave_out(self, rows: int) -> None:
        """So many rows at the end get no prediction."""
        assert isinstance(self.service, AzureMLService | VertexService)
        self.service.batch.missing = rows


def _version(number: int) -> dict[str, Any]:
    digest = serving_kit.served(number).digest.removeprefix("sha256:")
    return {
        "name": f"{LOCATION}/models/churn--churn", "displayName": "churn", "versionId": str(number), "labels": {},
        "versionAliases": ["default"] if number == 1 else [], "etag": f"e{number}",
        "artifactUri": f"gs://{BUCKET}/artifacts/models/churn/{digest}",
        "createTime": "2026-01-01T00:00:00Z", "versionCreateTime": "2026-01-01T00:00:00Z",
    }  # fmt: skip


@contextmanager
def rig(platform: str, folder: Path) -> Generator[BatchRig]:
    """The cloud, with its service running and this process signed in to it."""
    with serving_kit.signed_in(platform, Store(folder), folder) as service:
        yield BatchRig(
            platform=platform, service=service, place=PLACES[platform], endpoints=_adapter(platform, PACE),
            # Gives up at the first answer that failed, as a command that is killed there.
            impatient=_adapter(platform, Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)),
        )  # fmt: skip


def _adapter(platform: str, pace: Pace) -> BatchEndpoints:
    return VertexBatches(product="churn", pace=pace) if platform == "vertex" else AzureMLBatches(pace=pace)
