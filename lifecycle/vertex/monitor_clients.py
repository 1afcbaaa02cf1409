"""The clients of Vertex AI's model monitoring (v2), which only its version v1beta1 has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...core.extras import load
from .client import address_of, signed_in

VERSION = "v1beta1"


@dataclass(frozen=True, kw_only=True)
class MonitorClients:
    """The services of one region; ``messages`` is the module with the messages of this version."""

    monitors: Any
    schedules: Any
    operations: Any
    messages: Any

    def begun(self, operation: Any, answer: Any) -> Any:
        """An operation that a call began, to be waited for; ``answer`` is the message that it ends with."""
        return load("google.api_core.operation").from_gapic(operation.operation, self.operations, answer)


def clients(region: str) -> MonitorClients:
    """The clients for a region. Raises AuthenticationError where nobody is signed in."""
    vertex, longrunning = load("google.cloud.aiplatform_v1beta1"), load("google.api_core.operations_v1")
    address, credentials = address_of("aiplatform", f"{region}-aiplatform.googleapis.com"), signed_in()
    options: dict[str, Any] = {
        "credentials": credentials,
        "transport": "rest",
        "client_options": {"api_endpoint": address},
    }
    transport = longrunning.OperationsRestTransport(host=address, credentials=credentials, path_prefix=VERSION)
    return MonitorClients(
        monitors=vertex.ModelMonitoringServiceClient(**options),
        schedules=vertex.ScheduleServiceClient(**options),
        operations=longrunning.AbstractOperationsClient(transport=transport),
        messages=vertex,
    )
