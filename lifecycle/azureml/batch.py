"""Batch endpoints of Azure ML: a deployment for each version, the default one among them, and jobs that they start.

What a job of an MLflow model reads and writes: https://learn.microsoft.com/azure/machine-learning/how-to-mlflow-batch.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...core import csv_text, digests
from ...core.errors import NotFoundError, ResourceFailedError
from ...core.extras import load
from ..contract.batch import BatchJob, BatchPlace
from ..contract.deployment import ServedModel
from ..contract.jobs import Upload
from ..patience import Pace, Patience
from . import datastores, errors, folders, job_ends, uploads
from .calls import Calls
from .deployments import asset_of, name_of
from .places import Workspace, last

_SECONDS = 600.0
_STORE = "azureml://datastores/"
_PREDICTIONS = "predictions.csv"
_FILES_AT_ONCE = 10
_TRIES = 3
_Answer = TypeVar("_Answer")


class AzureMLBatches:
    """The batch endpoints of any workspace that the caller may reach; an endpoint's id says which.

    ``registry`` is the one that all environments share, where models come from; "" for the endpoint's own workspace.
    """

    def __init__(self, *, pace: Pace | None = None, registry: str = "") -> None:
        self._calls = Calls(pace or Pace())
        self._registry = registry

    def deploy(self, place: BatchPlace, served: ServedModel, *, seconds: float) -> None:
        """Make a deployment of the version and let the endpoint's jobs go to it. Raises NotFoundError."""
        patience, doing = Patience(seconds=seconds, pace=self._calls.pace), f"deploy {served.name} {served.version}"
        self._existing(place, patience, doing)
        wanted = self._wanted(place, served)
        sdk = self._calls.of(place.id)
        self._calls.work(
            lambda: sdk.batch_deployments.begin_create_or_update(wanted), patience, doing=doing, resource=place.id
        )
        self._calls.work(lambda: self._choose(place, wanted.name), patience, doing=doing, resource=place.id)

    def submit(self, name: str, place: BatchPlace, served: ServedModel, rows: Sequence[Mapping[str, object]]) -> str:
        """Upload the rows by their digest, and start the job under this name; again is the job that is there."""
        doing = f"predict for {len(rows)} rows"
        folder = self._upload(place, rows)
        sdk = load("azure.ai.ml")
        settings: dict[str, Any] = {
            "endpoint_name": last(place.id),
            "deployment_name": name_of(served.version),
            "input": sdk.Input(type="uri_folder", path=folder),
            "outputs": {"score": sdk.Output(type="uri_file", path=f"{place.folder}/{name}/{_PREDICTIONS}")},
            "job_name": name,
        }

        def act() -> str:
            # Looked at each time: a try whose answer was lost, or a killed command, may have begun it.
            if self._job(name, place) is not None:
                return name
            try:
                return str(folders.silently(lambda: self._calls.of(place.id).batch_endpoints.invoke(**settings)).name)
            except load("azure.ai.ml.exceptions").ValidationException as error:
                # It looks for the deployment by itself.
                raise load("azure.core.exceptions").ResourceNotFoundError(str(error)) from error

        begun = self._asked(act, place, doing, judge=errors.post_again)
        if begun is None:
            raise NotFoundError(
                f"{served.name} version {served.version} is not deployed to the batch endpoint {last(place.id)}",
                where=place.id,
                hint="groundplan deploy puts it there.",
            )
        return begun

    def look(self, id: str, place: BatchPlace) -> BatchJob:
        """The job as it is now. Raises NotFoundError."""
        job = self._demanded(id, place)
        services: Mapping[str, Any] = job.services or {}
        studio = services.get("Studio")
        status = job_ends.ENDS.get(job.status, "running")
        error = "its page at Azure ML says why" if status == "failed" else ""
        return BatchJob(id=id, status=status, error=error, url=studio.endpoint if studio else "")

    def cancel(self, id: str, place: BatchPlace) -> None:
        """Ask it to stop; one that has ended is fine. Raises NotFoundError."""
        if job_ends.is_ending(self._demanded(id, place).status):
            return

        def act() -> None:
            job_ends.cancel(self._calls.of(place.id).jobs, id, lambda: self._demanded(id, place).status)

        self._asked(act, place, f"cancel the job {id}", judge=errors.post_again)

    def predictions(self, name: str, id: str, place: BatchPlace, *, rows: int) -> Sequence[object]:
        """What the job predicted, in the order of its rows. Raises NotFoundError, ResourceFailedError."""
        where = f"{place.folder}/{name}/{_PREDICTIONS}"
        store, path = _split(where)
        container = datastores.container(self._calls, Workspace.of(place.id).id, store, seconds=_SECONDS)
        with tempfile.TemporaryDirectory() as local:
            file = Path(local) / _PREDICTIONS
            if not container.download(path, file, doing=f"fetch what job {name} predicted"):
                raise NotFoundError(f"what job {name} predicted is not there", where=where)
            found = list(_predicted(file.read_text(encoding="utf-8")))
        if len(found) != rows:
            raise ResourceFailedError(
                f"job {name} has predictions for {len(found)} of {rows} rows",
                where=where,
                hint="Its logs in Azure ML Studio say which it could not read.",
            )
        return found

    def _wanted(self, place: BatchPlace, served: ServedModel) -> Any:
        entities = load("azure.ai.ml.entities")
        return entities.ModelBatchDeployment(
            name=name_of(served.version),
            endpoint_name=last(place.id),
            model=asset_of(place.id, served, self._registry),
            compute=place.compute,
            resources=entities.ResourceConfiguration(instance_count=max(place.machines.least, place.machines.most)),
            settings=entities.ModelBatchDeploymentSettings(
                mini_batch_size=_FILES_AT_ONCE,
                max_concurrency_per_instance=1,
                output_action="append_row",
                output_file_name=_PREDICTIONS,
                # A file that cannot be worked through ends the job.
                error_threshold=0,
                retry_settings=entities.BatchRetrySettings(max_retries=_TRIES, timeout=place.seconds),
                logging_level="Info",
            ),
            tags={"model": served.name, "version": str(served.version), "digest": served.digest},
        )

    def _choose(self, place: BatchPlace, deployment: str) -> Any:
        """Begin to make a deployment the default one; None where it is.

        By the client that the SDK itself uses: its own call would take the identity off the endpoint.
        """
        client = self._calls.of(place.id).batch_endpoints._batch_operation  # noqa: SLF001 as said
        workspace = Workspace.of(place.id)
        at = {
            "resource_group_name": workspace.group,
            "workspace_name": workspace.name,
            "endpoint_name": last(place.id),
        }
        endpoint = client.get(**at)
        if endpoint.properties.defaults and endpoint.properties.defaults.deployment_name == deployment:
            return None
        endpoint.properties.defaults = {"deploymentName": deployment}
        return client.begin_create_or_update(body=endpoint, **at)

    def _upload(self, place: BatchPlace, rows: Sequence[Mapping[str, object]]) -> str:
        """The folder with the rows in one file; the same rows are there once."""
        with tempfile.TemporaryDirectory() as local:
            file = Path(local) / "rows.csv"
            file.write_text(csv_text.of_rows(rows), encoding="utf-8", newline="")
            digest = digests.of_file(file)
            folder = f"{place.folder}/rows/{digest.removeprefix('sha256:')}"
            wanted = Upload(uri=f"{folder}/rows.csv", path=file, digest=digest)
            uploads.upload(self._calls, Workspace.of(place.id).id, [wanted], seconds=_SECONDS)
        return folder

    def _existing(self, place: BatchPlace, patience: Patience, doing: str) -> Any:
        def act() -> Any:
            return self._calls.of(place.id).batch_endpoints.get(name=last(place.id))

        found = self._calls.found(act, patience, doing=doing, resource=place.id)
        if found is None:
            raise NotFoundError(
                f"the batch endpoint {last(place.id)} is gone", where=place.id, hint="groundplan up makes it again."
            )
        return found

    def _job(self, id: str, place: BatchPlace) -> Any:
        return self._asked(lambda: self._calls.of(place.id).jobs.get(id), place, f"look at the job {id}")

    def _demanded(self, id: str, place: BatchPlace) -> Any:
        found = self._job(id, place)
        if found is None:
            raise NotFoundError(f"there is no job {id} any more", where=place.id)
        return found

    def _asked(self, act: Callable[[], _Answer], place: BatchPlace, doing: str, **how: Any) -> _Answer | None:
        patience = Patience(seconds=_SECONDS, pace=self._calls.pace)
        return self._calls.found(act, patience, doing=doing, resource=place.id, **how)


def _predicted(text: str) -> Iterator[object]:
    """The predictions in their order, from each form in which Azure ML has written them.

    A line is a row's number, its prediction and the file; or a list of the file and the prediction.
    """
    if text.lstrip().startswith("["):
        yield from (ast.literal_eval(line)[1] for line in text.splitlines() if line.strip())
        return
    lines = [line for line in csv.reader(io.StringIO(text)) if line]
    for line in sorted(lines, key=lambda one: int(one[0])):
        yield _value(line[1])


def _value(text: str) -> object:
    """A cell as what it was before it was text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _split(uri: str) -> tuple[str, str]:
    """The datastore and the path of a URI."""
    store, _, path = uri.removeprefix(_STORE).partition("/paths/")
    return store, path
