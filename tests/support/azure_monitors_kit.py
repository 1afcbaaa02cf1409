"""A served version that Azure ML's own monitors watch, and what their runs find, for the tests of groundplan's own."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from groundplan.lifecycle.azureml.endpoints import AzureMLEndpoints
from groundplan.lifecycle.azureml.managed_monitors import AzureMLManagedMonitors
from groundplan.lifecycle.contract.managed_monitors import ManagedWatch
from groundplan.lifecycle.contract.monitoring import Baseline, FeatureProfile, MonitorPlan, Window
from groundplan.lifecycle.patience import Pace

import serving_kit
from serving_kit import MACHINES, WORKSPACE, served
from stand_in import Store
from stand_in.services import AzureMLService
from stand_in.store import Resource

ENDPOINT = serving_kit.ENDPOINTS["azureml"]
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
WINDOW = Window(start="2026-11-27T00:00:00.000Z", end="2026-11-28T00:00:00.000Z")
TRIGGER = "20261127T030000Z"
LEARNED = b'\xef\xbb\xbfday,churned,plan,tenure\n1,yes,"a,b",3\n2,no,b\n\n'
_ML = "azure-native:machinelearningservices"
_GROUP = WORKSPACE.partition("/providers/")[0]
_ACCOUNT = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/stchurndev"
_PATH = "azureml/0a1b/training/data.csv"
TRAINING = (
    f"azureml://{_GROUP.strip('/').replace('resourceGroups', 'resourcegroups')}/workspaces/mlw-churn-dev"
    f"/datastores/data/paths/{_PATH}"
)
BASELINE = Baseline(
    model="churn",
    version=1,
    digest=f"sha256:{'0a' * 32}",
    rows=455,
    features=(
        FeatureProfile(name="tenure", kind="numeric", missing=0.0),
        FeatureProfile(name="plan", kind="categorical", missing=0.0),
    ),
)
PLAN = MonitorPlan(
    window_seconds=86400, min_rows=100, statistic="psi", threshold=0.2, alpha=0.05, hysteresis=(1, 1),
    max_missing_increase=0.1, latency_p95_ms=500, error_rate=0.01, model="churn", environment="dev",
)  # fmt: skip


def watch(version: int = 1, **plan: Any) -> ManagedWatch:
    """What the monitors of a version are told."""
    baseline = replace(BASELINE, version=version)
    return ManagedWatch(
        endpoint=ENDPOINT, version=version, plan=replace(PLAN, **plan), baseline=baseline, training=TRAINING,
        target="churned",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MonitorsRig:
    """A workspace with an endpoint whose versions collect what monitors read."""

    service: AzureMLService

    def monitors(self, pace: Pace = PACE, *, seconds: float = 60) -> AzureMLManagedMonitors:
        """Groundplan's own, as the next command has it."""
        return AzureMLManagedMonitors(pace=pace, seconds=seconds)

    def reset(self) -> None:
        """Nothing deployed, nothing watched, a service that answers."""
        service, store = self.service, self.service.store
        with store.changing() as content:
            content["resources"] = {id: _resource(id, *one) for id, one in _foundation().items()}
        for one in (service.requests, service.strikes, service.operations, service.blobs.content):
            one.clear()
        service.jobs.reset()
        service.history.page, service.schedules.page = 100, 100
        service.patience, service.meanwhile, service.late_error, service.stale = 1, None, None, 0
        service.token, service.token_seconds = "first", 3600
        service.blobs.put("stchurndev", "data", _PATH, LEARNED)

    def tag(self, **tags: str) -> None:
        """Put other tags on the endpoint, as ``up`` writes them."""
        with self.service.store.changing() as content:
            content["resources"][ENDPOINT]["inputs"]["tags"] = tags

    def deploy(self, *versions: int) -> None:
        """Deploy versions as a rollout does."""
        for version in versions:
            AzureMLEndpoints(pace=PACE).deploy(ENDPOINT, served(version), MACHINES, seconds=60)

    def schedules(self) -> dict[str, dict[str, Any]]:
        """The properties of all schedules, by name."""
        found = {id: one for id, one in self.service.store.resources.items() if "/schedules/" in id}
        return {id.rpartition("/")[2]: one["inputs"]["properties"] for id, one in sorted(found.items())}

    def run(self, schedule: str, trigger: str = TRIGGER, **figures: Any) -> Any:
        """Begin a run of a monitor."""
        return self.service.schedules.run(f"{WORKSPACE}/schedules/{schedule}", trigger, **figures)

    def work(self) -> list[str]:
        """What was changed of schedules and data assets, in order."""
        return [
            f"{method} {path.rpartition('/providers/')[2].partition('/workspaces/mlw-churn-dev/')[2]}"
            for method, path in self.service.requests
            if method in ("PUT", "DELETE") and ("/schedules/" in path or "/data/" in path)
        ]


@contextmanager
def rig(folder: Path) -> Generator[MonitorsRig]:
    """The workspace, with its service running and this process signed in to it."""
    with serving_kit.signed_in("azureml", Store(folder), folder) as service:
        yield MonitorsRig(service=cast("AzureMLService", service))


def _foundation() -> dict[str, tuple[str, Mapping[str, Any]]]:
    settings: dict[str, Any] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
    properties = {"authMode": "AADToken", "publicNetworkAccess": "Disabled"}
    tags = {"log-sample": "1", "managed-monitors": "true"}
    found: dict[str, tuple[str, Mapping[str, Any]]] = {
        WORKSPACE: (f"{_ML}:Workspace", settings),
        ENDPOINT: (f"{_ML}:OnlineEndpoint", {**settings, "kind": "Managed", "tags": tags, "properties": properties}),
    }
    for version in range(1, 5):
        found[f"{WORKSPACE}/models/churn/versions/{version}"] = (f"{_ML}:ModelVersion", {"properties": {}})
    for name in ("artifacts", "data", "requests"):
        store = {
            "datastoreType": "AzureBlob", "accountName": "stchurndev", "containerName": name,
            "endpoint": "core.windows.net", "protocol": "https", "credentials": {"credentialsType": "None"},
        }  # fmt: skip
        found[f"{_ACCOUNT}/blobServices/default/containers/{name}"] = ("azure-native:storage:BlobContainer", {})
        found[f"{WORKSPACE}/datastores/{name}"] = (f"{_ML}:Datastore", {"properties": store})
    return found


def _resource(id: str, kind: str, inputs: Mapping[str, Any]) -> Resource:
    return {"id": id, "urn": "", "type": kind, "inputs": dict(inputs), "outputs": {}}
