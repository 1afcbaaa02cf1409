"""What a step of a job left: what it printed, and its outputs, which arrive whole or not at all."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import NotFoundError, ResourceFailedError
from ...core.extras import load
from . import datastores, errors
from .calls import Calls
from .places import Workspace

_PRINTED = re.compile(r"user_logs/std_log(?:_process_0+)?\.txt")
_PLACE = re.compile(r"azureml://(?:.*/)?datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")
_MODELS = ("MLFlowModel", "CustomModel", "TritonModel")


def log(calls: Calls, workspace: str, run: str, *, step: str) -> str:
    """What a run has printed so far. Raises NotFoundError."""
    at = Workspace.of(workspace)
    jobs, utils = calls.of(workspace).jobs, load("azure.ai.ml._utils.utils")

    def act() -> str:
        # The SDK's own jobs.stream prints it, and not for steps of a pipeline; these are its parts.
        history = jobs._runs_operations._operation  # noqa: SLF001
        files: Mapping[str, str] = history.get_details(at.subscription, at.group, at.name, run).log_files or {}
        pipeline = utils.create_requests_pipeline_with_retry(requests_pipeline=jobs._requests_pipeline)  # noqa: SLF001
        return "".join(
            _text(pipeline.get(address), workspace)
            for name, address in sorted(files.items())
            if _PRINTED.fullmatch(name)
        )

    doing = f"read the log of {step}"
    found = calls.found(act, calls.looking(), doing=doing, resource=workspace, role=errors.RUNNER)
    if found is None:
        raise NotFoundError(f"the log of the step {step} is gone", where=workspace)
    return found


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an output lies: a path in a datastore of the workspace, written by this run."""

    run: str
    store: str
    path: str

    def uri(self, workspace: str) -> str:
        """Its URI, by which every other workspace can name it, too."""
        at = Workspace.of(workspace)
        home = f"subscriptions/{at.subscription}/resourcegroups/{at.group}/workspaces/{at.name}"
        return f"azureml://{home}/datastores/{self.store}/paths/{self.path.rstrip('/')}"


def place(calls: Calls, workspace: str, run: str, port: str, *, below: str, what: str) -> Place:
    """Where an output of a run is, or the one file ``below`` it. Raises NotFoundError."""
    uri = calls.found(
        lambda: _uri(calls, workspace, run, port),
        calls.looking(),
        doing=f"look for {what}",
        resource=workspace,
        role=errors.RUNNER,
        judge=errors.post_again,
    )
    found = _PLACE.fullmatch(uri or "")
    if found is None:
        raise _gone(workspace, run, what)
    path = f"{found['path'].rstrip('/')}/{below}" if below else found["path"]
    return Place(run=run, store=found["store"], path=path)


def fetch(calls: Calls, workspace: str, place: Place, *, what: str, into: Path, seconds: float) -> Path:
    """Download an output to be ``into``. Raises NotFoundError."""
    container = datastores.container(calls, workspace, place.store, seconds=seconds)
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as top:
        if not container.download(place.path, Path(top) / into.name, doing=f"fetch {what}"):
            raise _gone(workspace, place.run, what)
        (Path(top) / into.name).rename(into)
    return into


def _gone(workspace: str, run: str, what: str) -> NotFoundError:
    return NotFoundError(f"{what} is not there", where=f"{workspace}/jobs/{run}", hint="Run it again.")


def _uri(calls: Calls, workspace: str, run: str, port: str) -> str:
    """Where the cloud keeps an output; "" for one that the run did not write.

    The SDK's own jobs.download keeps every blob in memory, and fails for a model (1.35.2): these are its parts.
    """
    at, jobs = Workspace.of(workspace), calls.of(workspace).jobs
    outputs: Mapping[str, Any] = jobs._runs_operations.get_run_data(run).run_metadata.outputs or {}  # noqa: SLF001
    written = outputs.get(port)
    if written is None:
        return ""
    is_model = written.type in _MODELS
    service = jobs._model_dataplane_operations if is_model else jobs._dataset_dataplane_operations  # noqa: SLF001
    found: Any = service._operation.batch_get_resolved_uris(  # noqa: SLF001
        at.subscription, at.group, at.name, body={"values": [written.asset_id]}
    )
    resolved = found.values_property[written.asset_id]
    return str(resolved.path if is_model else resolved.uri)


def _text(response: Any, workspace: str) -> str:
    if response.status_code == 404:
        return ""
    if response.status_code != 200:
        raise ResourceFailedError(
            f"the storage of the logs answers {response.status_code} {response.reason}",
            where=workspace,
            hint=errors.AGAIN,
        )
    return response.text()
