"""Azure ML's own monitors for the suite of scenarios: schedules as the stand-in has them, and runs that are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from groundplan.lifecycle.azureml import monitor_definitions
from groundplan.lifecycle.azureml.managed_monitors import AzureMLManagedMonitors

import records_kit
import serving_kit
from managed_kit import ManagedRig
from stand_in.services import AzureMLService, monitors, performance

_REFUSED = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}


class AzureManagedRig(ManagedRig):
    """The schedules of a workspace."""

    source = "azureml"

    def __init__(self, service: AzureMLService, endpoint: str) -> None:
        self._service = service
        self._endpoint = endpoint
        service.jobs.reset()

    def adapter(self) -> AzureMLManagedMonitors:
        """Groundplan's own, as the next command opens them."""
        return AzureMLManagedMonitors(pace=records_kit.PACE)

    def switch_on(self) -> None:
        tags = {"owner": "ml", "log-sample": "1", "managed-monitors": "true"}
        self._service.store.change(self._endpoint, {"tags": tags})
        store: dict[str, Any] = {
            "datastoreType": "AzureBlob", "accountName": records_kit.ACCOUNT.rpartition("/")[2],
            "containerName": "requests", "endpoint": "core.windows.net", "protocol": "https",
            "credentials": {"credentialsType": "None"},
        }  # fmt: skip
        kind = "azure-native:machinelearningservices:Datastore"
        self._service.store.occupy(f"{serving_kit.WORKSPACE}/datastores/requests", kind, properties=store)

    def there(self) -> list[int]:
        names = [id.rpartition("/")[2] for id in self._service.store.resources if "/schedules/" in id]
        found = {monitor_definitions.version_of(name, self._endpoint) for name in names}
        return sorted(version for version in found if version is not None)

    def ran(self, version: int, ended: datetime, drift: float) -> None:
        name = monitor_definitions.name_of(self._endpoint, version, "drift")
        file = monitors.drift("data-drift", "DataDrift", {"age": ("PopulationStabilityIndex", drift, 0.2)}, rows=1000)
        began = f"{ended - timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
        id = f"{serving_kit.WORKSPACE}/schedules/{name}"
        self._service.schedules.run(id, began, signals={"data-drift": file}, ends=ended)

    def judged(self, version: int, ended: datetime) -> bool:
        name = monitor_definitions.name_of(self._endpoint, version, "performance")
        began, id = f"{ended - timedelta(minutes=5):%Y%m%dT%H%M%SZ}", f"{serving_kit.WORKSPACE}/schedules/{name}"
        file = performance.measured(self._service, id, began)
        self._service.schedules.run(id, began, signals={file["signalName"]: file}, ends=ended)
        return True

    def refuse(self) -> str:
        self._service.strike(method="PUT", path="/schedules/", status=403, body=_REFUSED, times=100)
        return "AzureML Data Scientist"
