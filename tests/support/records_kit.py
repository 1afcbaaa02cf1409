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

import serving_kit
from stand_in import Store
from stand_in.services import AzureMLService
from stand_in.services.http import Service

PLATFORMS = ("azureml",)
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
ACCOUNT = f"{serving_kit.WORKSPACE.partition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/stchurndev"
CONTAINER = f"{ACCOUNT}/blobServices/default/containers/artifacts"


@dataclass(frozen=True, kw_only=True)
class RecordsRig:
    """One cloud; ``writing`` and ``reading`` are how requests that write and read a document begin."""

    platform: str
    service: Service
    writing: tuple[str, str]
    reading: tuple[str, str]

    def records(self, pace: Pace = PACE) -> Records:
        """Groundplan's own, as another operator has them, too."""
        return AzureMLRecords(ACCOUNT, pace=pace)

    def reset(self) -> None:
        """A store with nothing in it, a service that answers."""
        service = self.service
        with service.store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes):
            one.clear()
        service.meanwhile = None
        assert isinstance(service, AzureMLService)
        service.blobs.content.clear()
        service.blobs.page = 5000
        service.store.occupy(CONTAINER, "azure-native:storage:BlobContainer")

    def page(self, most: int) -> None:
        """No answer has more names than these."""
        assert isinstance(self.service, AzureMLService)
        self.service.blobs.page = most

    def overwrite(self, name: str, text: str) -> None:
        """Somebody writes a document without looking."""
        assert isinstance(self.service, AzureMLService)
        self.service.blobs.put("stchurndev", "artifacts", f"groundplan/{name}", text.encode())

    def refusal(self) -> dict[str, Any]:
        """How the service refuses who may not."""
        assert isinstance(self.service, AzureMLService)
        return {"status": 403, "headers": {"x-ms-error-code": "AuthorizationPermissionMismatch"}}

    @property
    def role(self) -> str:
        """Who may."""
        return "Ask for Storage Blob Data Contributor, on resource group rg-churn-dev; who is Owner"


@contextmanager
def rig(platform: str, folder: Path) -> Generator[RecordsRig]:
    """The cloud, with its service running and this process signed in to it."""
    with serving_kit.signed_in(platform, Store(folder), folder) as service:
        path = "/artifacts/groundplan/"
        yield RecordsRig(platform=platform, service=service, writing=("PUT", path), reading=("GET", path))
