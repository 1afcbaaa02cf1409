"""MLflow's interface at the address of a workspace: MLflow's own messages over MLflow's own store of files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundplan.core import extras

from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_ROUTE = re.compile(
    r"/mlflow/v1\.0/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices"
    r"/workspaces/(?P<workspace>[^/]+)/api/2\.0/mlflow/runs/(?P<what>get|log-batch)"
)


class Tracking:
    """The experiments; a run of Azure ML is a run of MLflow's under the same id."""

    def __init__(self, service: AzureMLService, folder: Path) -> None:
        self._service = service
        self._folder = folder
        self._opened: Any = None
        self._ids: dict[str, str] = {}

    def answer(self, request: Request) -> Answer | None:
        """What it says; None for an address of another service."""
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return None
        wanted = request.body if request.body is not None else dict(request.query)
        return self._get(wanted) if route["what"] == "get" else self._log_batch(wanted)

    def _get(self, wanted: Json) -> Answer:
        message = _decoded("GetRun", wanted)
        found: Any = self._store().get_run(self._mine(message.run_id)).to_proto()
        found.info.run_id = found.info.run_uuid = message.run_id
        body = extras.load("google.protobuf.json_format").MessageToDict(found, preserving_proto_field_name=True)
        return Answer(body={"run": body})

    def _log_batch(self, wanted: Json) -> Answer:
        message, entities = _decoded("LogBatch", wanted), extras.load("mlflow.entities")
        self._store().log_batch(
            self._mine(message.run_id),
            [entities.Metric.from_proto(one) for one in message.metrics],
            [entities.Param.from_proto(one) for one in message.params],
            [entities.RunTag.from_proto(one) for one in message.tags],
        )
        return Answer(body={})

    def run(self, id: str) -> Any:
        """A run, as MLflow has it."""
        return self._store().get_run(self._mine(id))

    def log(self, id: str, **metrics: float) -> None:
        """A step logs metrics of itself."""
        metric = extras.load("mlflow.entities").Metric
        self._store().log_batch(self._mine(id), [metric(name, value, 0, 0) for name, value in metrics.items()], [], [])

    def forget(self) -> None:
        """No run any more."""
        self._ids.clear()

    def _mine(self, id: str) -> str:
        if not self._service.history.knows(id):
            raise arm.refused(404, "RESOURCE_DOES_NOT_EXIST", f"Run {id} was not found.")
        if id not in self._ids:
            self._ids[id] = self._store().create_run("0", "stand-in", 0, [], id).info.run_id
        return self._ids[id]

    def _store(self) -> Any:
        if self._opened is None:
            os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
            try:
                self._opened = extras.load("mlflow.store.tracking.file_store").FileStore(str(self._folder))
            finally:
                del os.environ["MLFLOW_ALLOW_FILE_STORE"]
        return self._opened


def _decoded(message: str, wanted: Json) -> Any:
    """One of MLflow's own messages; ParseError for what it does not know."""
    made = getattr(extras.load("mlflow.protos.service_pb2"), message)()
    return extras.load("google.protobuf.json_format").ParseDict(wanted, made)
