"""The request log of each cloud with the SDK's real client before it and a stand-in service behind, for one suite.

Requests are made through the adapters' own ``predict``; the services log them as the clouds do, some requests later.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from groundplan.core import clock
from groundplan.lifecycle import undeployment
from groundplan.lifecycle.azureml.request_log import AzureMLRequestLog
from groundplan.lifecycle.contract.request_log import LogRemarks, RequestLog
from groundplan.lifecycle.contract.traffic import Traffic
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.taken_off import TakenOff
from groundplan.lifecycle.vertex.endpoints import VertexEndpoints
from groundplan.lifecycle.vertex.records import VertexRecords
from groundplan.lifecycle.vertex.request_log import VertexRequestLog

import records_kit
import serving_kit
from serving_kit import MACHINES, WORKSPACE, served
from stand_in.services import AzureMLService, VertexService
from stand_in.services.bigquery import BigQuery
from stand_in.services.collector import Collector
from vertex_kit import serve as register

PLATFORMS = serving_kit.PLATFORMS
PACE = records_kit.PACE
CONTAINER = f"{records_kit.ACCOUNT}/blobServices/default/containers/requests"
DATASET = "projects/acme-churn/datasets/churn_dev_requests"
TABLE = "acme-churn.churn_dev_requests.churn"
Line = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LogRig:
    """One cloud."""

    started: serving_kit.Rig

    @property
    def platform(self) -> str:
        """Which cloud."""
        return self.started.platform

    @property
    def endpoint(self) -> str:
        """The endpoint's id."""
        return self.started.endpoint

    @property
    def logging(self) -> Collector | BigQuery:
        """What logs."""
        service = self.started.service
        return service.bigquery if isinstance(service, VertexService) else self._azure.collector

    @property
    def _azure(self) -> AzureMLService:
        assert isinstance(self.started.service, AzureMLService)
        return self.started.service

    def reset(self, *, share: float = 1.0) -> None:
        """An endpoint that logs this share of its requests, with nothing on it and nothing logged."""
        self.started.reset()
        service = self.started.service
        self.logging.clear()
        if isinstance(service, VertexService):
            config = {"enabled": True, "samplingRate": share, "bigqueryDestination": {"outputUri": f"bq://{TABLE}"}}
            service.store.change(self.endpoint, {"predictRequestResponseLoggingConfig": config})
            service.buckets.make(records_kit.BUCKET)
            service.store.occupy(DATASET, "gcp:bigquery/dataset:Dataset", datasetId="churn_dev_requests")
            return
        self._azure.blobs.content.clear()
        self._azure.blobs.page, self._azure.online.answering = 5000, None
        service.store.change(self.endpoint, {"tags": {"log-sample": f"{share:g}"}})
        service.store.occupy(CONTAINER, "azure-native:storage:BlobContainer")
        service.store.occupy(
            f"{WORKSPACE}/datastores/requests", "azure-native:machinelearningservices:Datastore",
            properties={"datastoreType": "AzureBlob", "accountName": "stchurndev", "containerName": "requests"},
        )  # fmt: skip

    def serve(self, *versions: int) -> None:
        """Deploy these versions; the last one answers."""
        for version in versions:
            if isinstance(self.started.service, VertexService):
                register(self.started, version)
            self.started.adapter.deploy(self.endpoint, served(version), MACHINES, seconds=600)
        self.started.adapter.route(self.endpoint, Traffic(shares={versions[-1]: 100}), seconds=600)

    def take_off(self, version: int) -> None:
        """Take a version off."""
        there = undeployment.deployed(self.started.adapter, [self.endpoint])
        going = [one for one in there if one.version == str(version)]
        adapter = self.started.adapter
        if self.platform == "vertex":
            adapter = VertexEndpoints(product="churn", pace=PACE, taking_off=self._taken_off.note)
        adapter.undeploy(going, seconds=600, watcher=_unheard)

    @property
    def _taken_off(self) -> TakenOff:
        return TakenOff(records={self.endpoint.rpartition("/")[2]: VertexRecords(records_kit.BUCKET, pace=PACE)})

    def ask(self, *rows: Mapping[str, object], at: str) -> Line:
        """Ask for predictions at a moment; what the log must have of it."""
        self.logging.now = lambda: datetime.fromisoformat(at)
        answer = self.started.adapter.predict(self.endpoint, rows)
        predictions: Any = answer["predictions"]
        line: Line = {"time": _written(at), "request_id": answer["request_id"], "rows": len(rows),
                      "inputs": [dict(row) for row in rows]}  # fmt: skip
        if self.platform == "azureml":
            return {**line, "version": int(predictions[0].removeprefix("v-")), "outputs": predictions}
        return {**line, "version": int(str(answer["modelVersionId"])), "outputs": ["stays"] * len(rows),
                "probabilities": [{"stays": 0.75, "leaves": 0.25}] * len(rows)}  # fmt: skip

    def log(self, pace: Pace = PACE, *, page: int = 5000) -> RequestLog:
        """Groundplan's own, as the next command opens it."""
        if self.platform == "vertex":
            return VertexRequestLog(taken_off=self._taken_off.of, pace=pace, page=page)
        return AzureMLRequestLog(records_kit.ACCOUNT, pace=pace)

    def read(self, since: str, until: str, **more: Any) -> tuple[list[Line], LogRemarks]:
        """The lines of a stretch of time, and what was met."""
        remarks = LogRemarks()
        lines = [dict(one) for one in self.log(**more).lines(self.endpoint, since, until, remarks)]
        return lines, remarks

    def put(self, at: str, *, version: int = 1, **parts: Any) -> None:
        """Something is logged that no request made: ``asked`` and ``answered`` as they stand in the log."""
        put = self._put_row if self.platform == "vertex" else self._put_lines
        put(datetime.fromisoformat(at), version, parts)

    def _put_row(self, at: datetime, version: int, parts: Mapping[str, Any]) -> None:
        ids = {number: one.id for one in self.started.adapter.deployed(self.endpoint) for number in [int(one.version)]}
        log = self.logging
        assert isinstance(log, BigQuery)
        log.put(
            TABLE, self.endpoint, parts.get("id", ids.get(version, "")), int(at.timestamp() * 1_000_000), 1,
            parts["asked"], parts["answered"],
        )  # fmt: skip

    def _put_lines(self, at: datetime, version: int, parts: Mapping[str, Any]) -> None:
        for collection, line in zip(("request", "response"), (parts["asked"], parts["answered"]), strict=True):
            name = f"churn-dev-0a1b/v-{version}/{collection}/{at:%Y/%m/%d/%H}/put.jsonl"
            before = self._azure.blobs.content.get(("stchurndev", "requests", name))
            content = (before.content if before else b"") + line.encode()
            self._azure.blobs.put("stchurndev", "requests", name, content)

    def strike(self, **order: Any) -> None:
        """What goes wrong where the log itself is read, not where its places are looked up."""
        paths = {"azureml": "/requests", "vertex": "/bigquery/v2/"}
        self.started.service.strike(**{"path": paths[self.platform], **order})

    @property
    def reading(self) -> Sequence[str]:
        """The paths by which the log was read."""
        starts = ("/requests", "/bigquery/")
        return [path for _, path in self.started.service.requests if path.startswith(starts)]


@contextmanager
def rig(platform: str, folder: Path) -> Generator[LogRig]:
    """The cloud, with its service running and this process signed in to it."""
    with serving_kit.rig(platform, folder) as started:
        yield LogRig(started=started)


def _written(at: str) -> str:
    return clock.to_text(datetime.fromisoformat(at))


def _unheard(*told: object) -> None:
    del told
