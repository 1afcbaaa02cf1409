"""Batch predictions on Vertex AI: there are no batch endpoints, each job names a version and says what it reads.

How a key stands for an instance: https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.batchPredictionJobs.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core import digests
from ...core.errors import NotFoundError, ResourceFailedError
from ...core.extras import load
from ..contract.batch import BatchJob, BatchPlace
from ..contract.deployment import ServedModel
from ..contract.jobs import JobStatus
from ..patience import Pace, Patience
from . import versions
from .bucket import Bucket
from .calls import Calls
from .client import CALL_SECONDS

_SECONDS = 600.0
_ROW = "groundplan_row"
"""The field of an uploaded row with its number; the model does not see it."""
_LABEL = "groundplan_batch"
_STATES: Mapping[str, JobStatus] = {
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
}
"""Groundplan's word for each of Vertex AI's that is an end; a part of the predictions is none of them."""


class VertexBatches:
    """The batch predictions of any project that the caller may reach; ``product`` is its name in the config."""

    def __init__(self, *, product: str, pace: Pace | None = None) -> None:
        self._product = product
        self._pace = pace
        self._calls = Calls(pace)

    def deploy(self, place: BatchPlace, served: ServedModel, *, seconds: float) -> None:
        """Look that the version is where jobs take it from; nothing else is to be done. Raises NotFoundError."""
        versions.to_serve(self._calls, place.id, self._product, served, self._calls.patience(seconds))

    def submit(self, name: str, place: BatchPlace, served: ServedModel, rows: Sequence[Mapping[str, object]]) -> str:
        """Upload the rows by their digest, and start the job; its label gives it again."""
        patience, doing = self._calls.patience(_SECONDS), f"predict for {len(rows)} rows"
        model = versions.to_serve(self._calls, place.id, self._product, served, patience)
        read = self._upload(place, rows, patience, doing)

        def act() -> str:
            # Looked at each time: a try whose answer was lost, or a killed command, may have begun it.
            there = self._named(name, place)
            return there or self._create(name, place, model, read)

        return self._calls.ask(act, patience, doing=doing, resource=place.id)

    def look(self, id: str, place: BatchPlace) -> BatchJob:
        """The job as it is now. Raises NotFoundError."""
        job = self._get(id)
        failures = [job.error.message, *(one.message for one in job.partial_failures)]
        return BatchJob(
            id=id,
            status=_STATES.get(job.state.name, "running"),
            error="; ".join(one for one in failures if one),
            url=_page(id),
        )

    def cancel(self, id: str, place: BatchPlace) -> None:
        """Ask it to stop; one that has ended is fine. Raises NotFoundError."""
        refused = load("google.api_core.exceptions").BadRequest

        def act() -> None:
            try:
                self._calls.of(id).jobs.cancel_batch_prediction_job(name=id, timeout=CALL_SECONDS, retry=None)
            except refused:
                # It may have ended since it was looked at.
                if _STATES.get(self._get(id).state.name) is None:
                    raise

        self._calls.ask(act, self._calls.patience(_SECONDS), doing="cancel the job", resource=id)

    def predictions(self, name: str, id: str, place: BatchPlace, *, rows: int) -> Sequence[object]:
        """What the job predicted, by the numbers of the rows. Raises NotFoundError, ResourceFailedError."""
        written = self._get(id).output_info.gcs_output_directory
        if not written:
            raise NotFoundError(f"what job {name} predicted is not there", where=id)
        bucket, prefix = self._bucket(written)
        patience, doing = bucket.patience(_SECONDS), f"fetch what job {name} predicted"
        found: dict[int, object] = {}
        for one in bucket.names(f"{prefix}/prediction.results", patience, doing=doing):
            content = bucket.read(one, patience, doing=doing)
            found.update(_predicted((content or (b"", ""))[0].decode()))
        if not found:
            raise NotFoundError(f"what job {name} predicted is not there", where=f"{bucket.uri}/{prefix}")
        missing = [number for number in range(rows) if number not in found]
        if missing:
            raise ResourceFailedError(
                f"job {name} has no prediction for {len(missing)} of {rows} rows, the first of them row "
                f"{missing[0] + 1}",
                where=f"{bucket.uri}/{prefix}",
                hint="What went wrong is in prediction.errors_stats there.",
            )
        return [found[number] for number in range(rows)]

    def _create(self, name: str, place: BatchPlace, model: str, read: str) -> str:
        job = load("google.cloud.aiplatform_v1").BatchPredictionJob(
            display_name=place.name,
            model=model,
            input_config={"instances_format": "jsonl", "gcs_source": {"uris": [read]}},
            instance_config={"key_field": _ROW},
            output_config={
                "predictions_format": "jsonl",
                "gcs_destination": {"output_uri_prefix": f"{place.folder}/{name}"},
            },
            dedicated_resources={
                "machine_spec": _machine(place),
                "starting_replica_count": place.machines.least,
                "max_replica_count": max(place.machines.least, place.machines.most),
            },
            labels={**place.labels, _LABEL: name},
            **({"service_account": place.account} if place.account else {}),
            **({"encryption_spec": {"kms_key_name": place.key}} if place.key else {}),
        )
        jobs = self._calls.of(place.id).jobs
        made = jobs.create_batch_prediction_job(
            parent=place.id, batch_prediction_job=job, timeout=CALL_SECONDS, retry=None
        )
        return str(made.name)

    def _named(self, name: str, place: BatchPlace) -> str:
        request = {"parent": place.id, "filter": f'labels.{_LABEL}="{name}"'}
        found = self._calls.of(place.id).jobs.list_batch_prediction_jobs(
            request=request, timeout=CALL_SECONDS, retry=None
        )
        return next((str(one.name) for one in found), "")

    def _get(self, id: str) -> Any:
        def act() -> Any:
            return self._calls.of(id).jobs.get_batch_prediction_job(name=id, timeout=CALL_SECONDS, retry=None)

        found = self._calls.found(act, self._calls.patience(_SECONDS), doing="look at the job", resource=id)
        if found is None:
            raise NotFoundError("there is no such batch prediction job any more", where=id)
        return found

    def _upload(self, place: BatchPlace, rows: Sequence[Mapping[str, object]], patience: Patience, doing: str) -> str:
        """Where the rows are, each with its number; the same rows are there once."""
        lines = "".join(f"{json.dumps({_ROW: number, **row})}\n" for number, row in enumerate(rows))
        digest = digests.of_bytes(lines.encode()).removeprefix("sha256:")
        bucket, folder = self._bucket(place.folder)
        with tempfile.TemporaryDirectory() as local:
            file = Path(local) / "rows.jsonl"
            file.write_text(lines, encoding="utf-8")
            bucket.upload(f"{folder}/rows/{digest}.jsonl", file, patience, doing=doing)
        return f"{place.folder}/rows/{digest}.jsonl"

    def _bucket(self, uri: str) -> tuple[Bucket, str]:
        name, _, folder = uri.removeprefix("gs://").partition("/")
        return Bucket(name, self._pace), folder.rstrip("/")


def _machine(place: BatchPlace) -> dict[str, Any]:
    gpus = {"accelerator_type": place.gpu, "accelerator_count": place.gpus} if place.gpus else {}
    return {"machine_type": place.machines.type, **gpus}


def _predicted(text: str) -> dict[int, object]:
    """The predictions of a file of results by the numbers of their rows."""
    found = (json.loads(line) for line in text.splitlines() if line.strip())
    return {int(one["key"]): one["prediction"] for one in found}


def _page(id: str) -> str:
    _, project, _, region, _, number = id.split("/")
    return f"https://console.cloud.google.com/vertex-ai/locations/{region}/batch-predictions/{number}?project={project}"
