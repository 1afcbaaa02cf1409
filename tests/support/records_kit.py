"""Records of each cloud with the SDK's real client before them and a stand-in service behind, for one suite."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundplan.lifecycle.azureml.records import AzureMLRecords
from groundplan.lifecycle.contract.records import Records
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.records import VertexRecords

import serving_kit
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service

PLATFORMS = ("azureml", "vertex")
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
ACCOUNT = f"{serving_kit.WORKSPACE.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/stchurndev"
BUCKET = "acme-churn-dev-artifacts"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/artifacts"


@dataclass(frozen=True, kw_only=True)
class RecordsRig:
    """One cloud; ``writing`` and ``reading`` are how requests that write and read a document begin.

    ``gone`` is the tag of a state that is there no more.
    """

    platform: str
    service: Service
    writing: tuple[str, str]
    reading: tuple[str, str]
    gone: str

    def records(self, pace: Pace = PACE) -> Records:
        """Groundplan's own, as another operator has them, too."""
        return VertexRecords(BUCKET, pace=pace) if self.platform == "vertex" else AzureMLRecords(ACCOUNT, pace=pace)

    def reset(self) -> None:
        """A store with nothing in it, a service that answers."""
        service = self.service
        with service.store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes):
            one.clear()
        service.meanwhile = None
        if isinstance(service, VertexService):
            service.reset()
            service.buckets.make(BUCKET)
            return
        assert isinstance(service, AzureMLService)
        service.blobs.content.clear()
        service.blobs.page = 5000
        service.store.occupy(CONTAINER, "azure-native:storage:BlobContainer")

    def page(self, most: int) -> None:
        """No answer has more names than these."""
        if isinstance(self.service, VertexService):
            self.service.buckets.page = most
        if isinstance(self.service, AzureMLService):
            self.service.blobs.page = most

    def overwrite(self, name: str, text: str) -> None:
        """Somebody writes a document without looking."""
        if isinstance(self.service, VertexService):
            self.service.buckets.put(BUCKET, f"groundplan/{name}", text.encode())
        if isinstance(self.service, AzureMLService):
            self.service.blobs.put("stchurndev", "artifacts", f"groundplan/{name}", text.encode())

    def refusal(self) -> dict[str, Any]:
        """How the service refuses who may not."""
        if self.platform == "vertex":
            message = "ci@acme-churn does not have storage.objects.create access to the Google Cloud Storage object."
            return {"status": 403, "body": {"error": {"code": 403, "message": message}}}
        return {"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}

    @property
    def role(self) -> str:
        """Who may."""
        if self.platform == "vertex":
            return f"Ask for roles/storage.objectUser on gs://{BUCKET}; who has roles/storage.admin there can grant it."
        return "Ask for Storage Blob Data Contributor, on resource group rg-churn-dev; who is Owner"


@contextmanager
def rig(platform: str, folder: Path) -> Generator[RecordsRig]:
    """The cloud, with its service running and this process signed in to it."""
    with serving_kit.signed_in(platform, Store(folder), folder) as service:
        path = "/artifacts/groundplan/"
        writing = {"azureml": ("PUT", path), "vertex": ("POST", f"/upload/storage/v1/b/{BUCKET}/o")}
        reading = {"azureml": ("GET", path), "vertex": ("GET", f"/download/storage/v1/b/{BUCKET}/o/")}
        yield RecordsRig(
            platform=platform, service=service, writing=writing[platform], reading=reading[platform],
            gone={"azureml": '"0x8D0"', "vertex": "1700000000000001"}[platform],
        )  # fmt: skip
