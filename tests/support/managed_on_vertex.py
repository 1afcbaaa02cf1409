"""Vertex AI's own monitors for the conformance suite: what they watch, and runs that ended as a test says."""

from __future__ import annotations

from datetime import datetime

from groundplan.lifecycle.vertex import monitor_spec
from groundplan.lifecycle.vertex.managed_monitors import VertexManagedMonitors

import records_kit
from managed_kit import ManagedRig
from stand_in.services import VertexService
from stand_in.services.vertex_monitoring import Figure


class VertexManagedRig(ManagedRig):
    """Those of one endpoint."""

    source = "vertex"

    def __init__(self, service: VertexService, endpoint: str) -> None:
        self._service = service
        self._endpoint = endpoint

    def adapter(self) -> VertexManagedMonitors:
        """Groundplan's own, as the next command opens them."""
        return VertexManagedMonitors(pace=records_kit.PACE)

    def there(self) -> list[int]:
        called = [one["displayName"] for one in self._service.monitors.schedules.values()]
        found = [monitor_spec.version_of(self._endpoint, one) for one in called]
        assert len(self._service.monitors.monitors) == len(called)
        return sorted(one for one in found if one is not None)

    def ran(self, version: int, ended: datetime, drift: float) -> None:
        figure = Figure(
            objective="raw-feature-drift", column="age", algorithm="jensen_shannon_divergence", value=drift,
            threshold=monitor_spec.ALERT_AT,
        )  # fmt: skip
        self._service.monitors.ended(monitor_spec.title(self._endpoint, version), ended, [figure])

    def refuse(self) -> str:
        message = "Permission 'aiplatform.modelMonitors.create' denied on resource (or it may not exist)."
        body = {"error": {"code": 403, "message": message}}
        self._service.strike(method="POST", path="/modelMonitors", status=403, body=body, times=10**6)
        return "roles/aiplatform.user"
