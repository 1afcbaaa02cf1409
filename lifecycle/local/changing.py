"""Changes who answers at an endpoint whose router runs: a deployment is written, the router follows, and says so."""

from __future__ import annotations

import contextlib
import time

from ...core.errors import GroundplanError, ResourceFailedError, TimeoutReachedError
from ..contract.deployment import Deployment
from ..contract.traffic import Traffic, VersionState
from .serving.launcher import explained_by_log
from .serving.processes import ProcessIdentity, identify, is_alive, wait_for_end
from .serving.records import EndpointFolder, ServerProcess, WorkerState, digest_of

_FOLLOW_SECONDS = 15.0
_LOOK_SECONDS = 0.02
_END_SECONDS = 5.0


def put(folder: EndpointFolder, deployment: Deployment) -> None:
    """Have the router follow this deployment; when it does not, the one before is put back.

    Raises ResourceFailedError.
    """
    before = folder.deployment()
    folder.write_deployment(deployment)
    try:
        _wait_until_followed(folder)
    except ResourceFailedError:
        if before is not None:
            folder.write_deployment(before)
        raise


def add(folder: EndpointFolder, before: Deployment, after: Deployment, version: int) -> None:
    """Have the router start a version beside the others; when it does not become ready all is as before.

    A command that is killed meanwhile leaves candidate.json, by which the next one knows. Raises ResourceFailedError
    and TimeoutReachedError, with the log's last words.
    """
    start = folder.server_log.stat().st_size if folder.server_log.exists() else 0
    nobody = ProcessIdentity(pid=0, started="")
    folder.write_candidate(ServerProcess(identity=nobody, instance="", version=version, port=0))
    try:
        put(folder, after)
        wait_until_ready(folder, after, version, log_start=start)
    except BaseException:
        with contextlib.suppress(GroundplanError):  # what it says is less than what went wrong
            put(folder, before)
        raise
    finally:
        folder.candidate_file.unlink(missing_ok=True)


def wait_until_ready(folder: EndpointFolder, deployment: Deployment, version: int, *, log_start: int = 0) -> None:
    """Wait for a version's worker. Raises ResourceFailedError when it cannot be, TimeoutReachedError when it lasts."""
    seconds = deployment.settings.startup_timeout_seconds
    deadline = time.monotonic() + seconds
    while (worker := _workers(folder).get(version)) is None or worker.health != "ready":
        if worker is not None and is_hopeless(folder, version):
            error = ResourceFailedError(f"version {version}: {worker.detail}", where=str(folder.server_log))
            raise explained_by_log(error, folder, log_start)
        if _router(folder) is None:
            raise _gone(folder)
        if time.monotonic() > deadline:
            message = f"version {version} was not ready within {seconds} s"
            late = TimeoutReachedError(message, where=str(folder.server_log))
            raise explained_by_log(late, folder, log_start)
        time.sleep(_LOOK_SECONDS)


def is_hopeless(folder: EndpointFolder, version: int) -> bool:
    """Whether a version's worker never came up; such a one is not started again by itself."""
    worker = _workers(folder).get(version)
    return worker is not None and worker.health == "unhealthy" and not worker.restarts


def take_away(folder: EndpointFolder, deployment: Deployment, version: int) -> None:
    """Have the router end a version and wait until its process, which answers first what it has begun, is gone."""
    worker = _workers(folder).get(version)
    identity = None if worker is None or worker.pid is None else identify(worker.pid)
    put(folder, deployment)
    if identity is not None:
        wait_for_end(identity, seconds=deployment.settings.request_timeout_seconds + _END_SECONDS)


def states(folder: EndpointFolder, deployment: Deployment) -> list[VersionState]:
    """Every version of the deployment and how its worker is; all are stopped while no router runs."""
    workers = _workers(folder) if _router(folder) is not None else {}
    return [_state(served.version, workers.get(served.version), deployment.split) for served in deployment.versions]


def _state(version: int, worker: WorkerState | None, split: Traffic) -> VersionState:
    stopped = "no process runs; groundplan up starts it"
    return VersionState(
        version=version,
        health="stopped" if worker is None else worker.health,
        share=split.shares.get(version, 0),
        mirrored=split.mirrored == version,
        restarts=0 if worker is None else worker.restarts,
        detail=stopped if worker is None else worker.detail,
    )


def _wait_until_followed(folder: EndpointFolder) -> None:
    wanted = digest_of(folder.deployment_file.read_bytes())
    deadline = time.monotonic() + _FOLLOW_SECONDS
    while time.monotonic() < deadline:
        process, status = _router(folder), folder.status()
        if process is None:
            raise _gone(folder)
        if status is not None and (status.instance, status.applied) == (process.instance, wanted):
            if status.problem:
                raise ResourceFailedError(f"the endpoint does not take the change: {status.problem}")
            return
        time.sleep(_LOOK_SECONDS)
    raise ResourceFailedError(
        f"the endpoint did not take the change within {_FOLLOW_SECONDS:g} s", hint="groundplan logs shows why."
    )


def _router(folder: EndpointFolder) -> ServerProcess | None:
    process = folder.process()
    return process if process is not None and is_alive(process.identity) else None


def _workers(folder: EndpointFolder) -> dict[int, WorkerState]:
    process, status = folder.process(), folder.status()
    if process is None or status is None or status.instance != process.instance:
        return {}
    return {worker.version: worker for worker in status.workers}


def _gone(folder: EndpointFolder) -> ResourceFailedError:
    return ResourceFailedError(
        "the endpoint's server does not run", where=str(folder.server_log), hint="groundplan up starts it."
    )
