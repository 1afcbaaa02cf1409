"""The registry of each cloud with the SDK's real client before it and a stand-in service behind, for one suite."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundplan.core import digests
from groundplan.lifecycle.azureml.registry import DIGEST, AzureMLRegistry
from groundplan.lifecycle.contract.registry import Registry
from groundplan.lifecycle.patience import Pace

import records_kit
import serving_kit
from serving_kit import WORKSPACE
from stand_in import Store
from stand_in.services import AzureMLService
from stand_in.services.models import WORKSPACE_GUID, shared_id

PLATFORMS = ("azureml",)
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
SHARED = "mlr-churn"


@dataclass(frozen=True, kw_only=True)
class RegistryRig:
    """One cloud, and a folder for what comes and goes."""

    platform: str
    service: AzureMLService
    folder: Path

    def registry(self, pace: Pace = PACE, *, seconds: float = 60) -> Registry:
        """Groundplan's own, as another operator has it, too."""
        return AzureMLRegistry(WORKSPACE, environment="dev", registry=SHARED, pace=pace, seconds=seconds)

    def reset(self) -> None:
        """A registry with nothing in it, a service that answers."""
        service = self.service
        with service.store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes, service.operations, service.blobs.content):
            one.clear()
        service.patience, service.late_error, service.meanwhile, service.stale = 3, None, None, 0
        service.models.page, service.models.carries_properties = 100, True
        occupy(service.store)

    def model(self, name: str, weights: str = "1") -> tuple[Path, str]:
        """A model folder with these weights beside its MLmodel, and its digest."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in {"MLmodel": "flavors: {}\n", "model.skops": weights}.items():
            (folder / file).write_text(text, encoding="utf-8")
        return folder, digests.of_path(folder)

    def registered(self) -> list[str]:
        """The versions that the cloud has, as it calls them."""
        return sorted(
            "/".join(id.split("/")[-3::2])
            for id in self.service.store.resources
            if id.startswith(f"{WORKSPACE}/models/")
        )

    def strangers(self, name: str, version: int) -> None:
        """Somebody registers another folder, without groundplan."""
        path = f"azureml://subscriptions/0/datastores/artifacts/paths/by-hand/{name}-{version}"
        self._put(f"{WORKSPACE}/models/{name}/versions/{version}", {"modelUri": path})

    def share_strangers(self, name: str, version: int, *, digest: str) -> None:
        """Somebody puts another folder into what environments share."""
        self._put(shared_id(SHARED, name, str(version)), {"properties": {DIGEST: digest}})

    def _put(self, id: str, properties: dict[str, Any]) -> None:
        self.service.put({
            "id": id, "urn": "", "type": "azure-native:machinelearningservices:ModelVersion",
            "inputs": {"properties": properties}, "outputs": {"created": "2026-11-28T03:00:00+00:00"},
        })  # fmt: skip

    def damage(self) -> None:
        """Somebody changes a file of every model folder behind the registry's back."""
        for account, container, name in list(self.service.blobs.content):
            if name.endswith("/MLmodel"):
                self.service.blobs.put(account, container, name, b"flavors: {other: {}}\n")

    def shared(self, name: str, version: int) -> bool:
        """Whether environments share this version."""
        return shared_id(SHARED, name, str(version)) in self.service.store.resources


def occupy(store: Store) -> None:
    """A workspace with its datastore, and the registry that environments share."""
    workspace = {"location": "westeurope", "workspaceId": WORKSPACE_GUID}
    store.occupy(WORKSPACE, "azure-native:machinelearningservices:Workspace", **workspace)
    store.occupy(records_kit.CONTAINER, "azure-native:storage:BlobContainer")
    store.occupy(
        f"{WORKSPACE}/datastores/artifacts",
        "azure-native:machinelearningservices:Datastore",
        properties={
            "datastoreType": "AzureBlob",
            "accountName": "stchurndev",
            "containerName": "artifacts",
            "endpoint": "core.windows.net",
            "protocol": "https",
            "credentials": {"credentialsType": "None"},
        },
    )
    group = WORKSPACE.partition("/workspaces/")[0]
    store.occupy(f"{group}/registries/{SHARED}", "azure-native:machinelearningservices:Registry")


@contextmanager
def rig(platform: str, folder: Path) -> Generator[RegistryRig]:
    """The cloud, with its service running and this process signed in to it."""
    with serving_kit.signed_in(platform, Store(folder / "cloud"), folder) as service:
        assert isinstance(service, AzureMLService)
        yield RegistryRig(platform=platform, service=service, folder=folder / "models")
