"""Vertex AI's batch prediction jobs: read rows from a bucket and leave predictions in another folder of one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .batch import answer
from .http import Json, Request
from .vertex_words import check_labels, named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_LABEL = re.compile(r'labels\.([a-z0-9_-]+)="([^"]*)"')
_CREATED = "2026-01-01T00:00:00Z"


class Batch:
    """The jobs by their names. ``missing`` is how many rows at the end have no prediction."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self.jobs: dict[str, Json] = {}
        self.missing = 0
        prefix = "aiplatform.projects.locations.batchPredictionJobs"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.create": self._create,
            f"{prefix}.get": self._get,
            f"{prefix}.list": self._list,
            f"{prefix}.cancel": self._cancel,
        }

    def clear(self) -> None:
        """No jobs."""
        self.jobs.clear()
        self.missing = 0

    def _create(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/batchPredictionJobs"))
        wanted: Json = dict(request.body)
        check_labels(wanted.get("labels", {}))
        for needed in ("displayName", "inputConfig", "outputConfig", "model", "dedicatedResources"):
            if needed not in wanted:
                raise refused("INVALID_ARGUMENT", f"{needed} is required.")
        version = self._service.models.find(wanted["model"])["versionId"]
        name = numbered(f"{where}/batchPredictionJobs/{len(self.jobs) + 1}")
        made = self.jobs[name] = {
            **wanted, "name": name, "state": "JOB_STATE_RUNNING", "createTime": _CREATED, "updateTime": _CREATED,
            "modelVersionId": version,
        }  # fmt: skip
        self._service.begin(name, name, lambda: self._end(made), lambda: self._fail(made))
        return made

    def _get(self, request: Request) -> Json:
        return self._found(numbered(request.path.removeprefix("/v1/")))

    def _list(self, request: Request) -> Json:
        found = _LABEL.fullmatch(request.query.get("filter", ""))
        if found is None:
            raise refused("INVALID_ARGUMENT", "the stand-in filters by one label")
        return {
            "batchPredictionJobs": [
                one for one in self.jobs.values() if one.get("labels", {}).get(found[1]) == found[2]
            ]
        }

    def _cancel(self, request: Request) -> Json:
        job = self._found(numbered(request.path.removeprefix("/v1/").removesuffix(":cancel")))
        if job["state"] != "JOB_STATE_RUNNING":
            raise refused("FAILED_PRECONDITION", f"The job is in {job['state']}.")
        self._service.operations[job["name"]].left = 0
        job["state"] = "JOB_STATE_CANCELLED"
        return {}

    def _end(self, job: Json) -> None:
        (source,) = job["inputConfig"]["gcsSource"]["uris"]
        bucket, _, path = source.removeprefix("gs://").partition("/")
        key = job["instanceConfig"]["keyField"]
        rows = [json.loads(line) for line in self._service.buckets.content[bucket][path].content.decode().splitlines()]
        directory = f"{job['outputConfig']['gcsDestination']['outputUriPrefix']}/prediction-churn-{_CREATED}"
        bucket, _, folder = directory.removeprefix("gs://").partition("/")
        said = [
            {"key": row[key], "prediction": answer(job["modelVersionId"], row["tenure"])}
            for row in rows[: len(rows) - self.missing]
        ]
        # Machines write a file each, in whichever order.
        for number, part in enumerate((said[1::2], said[::2])):
            text = "".join(f"{json.dumps(one)}\n" for one in part)
            self._service.buckets.put(bucket, f"{folder}/prediction.results-0000{number}-of-00002", text.encode())
        self._service.buckets.put(bucket, f"{folder}/prediction.errors_stats-00000-of-00001", b"")
        job["outputInfo"] = {"gcsOutputDirectory": directory}
        job["state"] = "JOB_STATE_SUCCEEDED"

    def _fail(self, job: Json) -> None:
        job["state"] = "JOB_STATE_FAILED"
        job["error"] = {
            "code": 9,
            "message": str((self._service.operations[job["name"]].error or {}).get("message", "")),
        }

    def _found(self, name: str) -> Json:
        found = self.jobs.get(name)
        if found is None:
            raise refused("NOT_FOUND", f"The BatchPredictionJob {name} does not exist.")
        return found
