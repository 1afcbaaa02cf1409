"""What a cloud's endpoint was asked, written where the cloud logs it, and read by groundplan's own adapters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from groundplan.lifecycle.azureml.request_log import AzureMLRequestLog
from groundplan.lifecycle.contract.request_log import RequestLog
from groundplan.lifecycle.vertex.request_ids import request_id
from groundplan.lifecycle.vertex.request_log import VertexRequestLog

import records_kit
import serving_kit
from request_log_kit import CONTAINER, DATASET, TABLE
from stand_in.services import AzureMLService, VertexService

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AzureLogged:
    """The container ``requests``: both halves of each exchange, an hour's in a blob of each deployment."""

    def __init__(self, service: AzureMLService, endpoint: str) -> None:
        self._service = service
        self._endpoint = endpoint.rpartition("/")[2]
        service.store.occupy(CONTAINER, "azure-native:storage:BlobContainer")

    def adapter(self) -> RequestLog:
        return AzureMLRequestLog(records_kit.ACCOUNT, pace=records_kit.PACE)

    def put(self, lines: Sequence[Mapping[str, Any]]) -> list[str]:
        """Log these lines of a laptop's log; the id of each."""
        for line in lines:
            columns = list(line["inputs"][0])
            table = {"columns": columns, "data": [[row[one] for one in columns] for row in line["inputs"]]}
            self._append(line, "request", {"input_data": table})
            self._append(line, "response", line["outputs"])
        return [line["request_id"] for line in lines]

    def _append(self, line: Mapping[str, Any], collection: str, body: object) -> None:
        moment = datetime.fromisoformat(line["time"])
        name = f"{self._endpoint}/v-{line['version']}/{collection}/{moment:%Y/%m/%d/%H}/one.jsonl"
        place = (records_kit.ACCOUNT.rpartition("/")[2], "requests", name)
        before = self._service.blobs.content.get(place)
        event = {"xrequestid": line["request_id"], "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "data": body}
        content = (before.content if before else b"") + json.dumps(event).encode() + b"\n"
        self._service.blobs.put(*place, content)


class VertexLogged:
    """The table in BigQuery: a row for each exchange."""

    def __init__(self, started: serving_kit.Rig, service: VertexService) -> None:
        self._started = started
        self._service = service
        service.bigquery.clear()
        service.store.occupy(DATASET, "gcp:bigquery/dataset:Dataset", datasetId=DATASET.rpartition("/")[2])
        config = {"enabled": True, "samplingRate": 1.0, "bigqueryDestination": {"outputUri": f"bq://{TABLE}"}}
        service.store.change(started.endpoint, {"predictRequestResponseLoggingConfig": config})
        service.store.occupy(DATASET, "gcp:bigquery/dataset:Dataset", datasetId=TABLE.split(".")[1])

    def adapter(self) -> RequestLog:
        return VertexRequestLog(taken_off=lambda endpoint: {}, pace=records_kit.PACE)

    def put(self, lines: Sequence[Mapping[str, Any]]) -> list[str]:
        """Log these lines of a laptop's log; the id of each."""
        there = {int(one.version): one.id for one in self._started.adapter.deployed(self._started.endpoint)}
        for number, line in enumerate(lines):
            moment = (datetime.fromisoformat(line["time"]) - _EPOCH) // timedelta(microseconds=1)
            asked, answered = ([json.dumps(one) for one in line[part]] for part in ("inputs", "outputs"))
            self._service.bigquery.put(
                TABLE, self._started.endpoint, there[line["version"]], moment, number, json.dumps(asked),
                json.dumps(answered),
            )  # fmt: skip
        return [request_id(line["inputs"], there[line["version"]]) for line in lines]


def logged(started: serving_kit.Rig) -> AzureLogged | VertexLogged:
    """The log of a cloud's endpoint, with nothing in it."""
    if isinstance(started.service, VertexService):
        return VertexLogged(started, started.service)
    assert isinstance(started.service, AzureMLService)
    return AzureLogged(started.service, started.endpoint)
