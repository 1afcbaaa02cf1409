"""Starts a server process and leads it to serving; until it is told to serve it dies with the command."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from typing import IO, Any
from urllib.parse import urlsplit

from ....core.errors import GroundplanError, ResourceFailedError, StoreCorruptedError, TimeoutReachedError
from ...contract.deployment import Deployment
from ...shares import without
from . import channel
from .channel import Specification
from .processes import ProcessIdentity, identify, stop, wait_for_end
from .records import EndpointFolder, ServerProcess

_LOG_BYTES = 1_000_000
_SHOWN_LINES = 12
_UNRECORDED_SECONDS = 5.0
"""A little longer than a server may take to notice."""


class Candidate:
    """A server that has been started and does not serve yet."""

    def __init__(self, folder: EndpointFolder, specification: Specification, *, version: int) -> None:
        """Start the process, detached from the terminal; its log is appended to the folder's server.log."""
        self._folder = folder
        self._intent = ServerProcess(
            identity=ProcessIdentity(pid=0, started=""), instance=specification.instance, version=version, port=0
        )
        folder.write_candidate(self._intent)
        rotate(folder)
        with folder.server_log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "groundplan.lifecycle.local.serving", str(folder.path)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                cwd=folder.path, start_new_session=True, env=_environment(),
            )  # fmt: skip
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.identity = identify(self._process.pid) or self._intent.identity
        folder.write_candidate(dataclasses.replace(self._intent, identity=self.identity))
        threading.Thread(target=self._read, args=(self._pipe(self._process.stdout),), daemon=True).start()
        self._say(json.dumps(dataclasses.asdict(specification)))

    def commit(self) -> None:
        """Tell it to serve from now on."""
        self._say(channel.COMMIT)

    def wait(self, *events: str, seconds: float) -> dict[str, Any]:
        """The next of these events. Raises ResourceFailedError when it fails, TimeoutReachedError when it lasts."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                said = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise self._explained(
                    TimeoutReachedError(f"the server was not ready within {seconds:g} s", where=self._where)
                ) from None
            if said["event"] in events:
                return said
            if said["event"] == channel.FAILED:
                raise self._explained(
                    ResourceFailedError(str(said["message"]), where=self._where, hint=str(said["hint"]))
                )

    def give_up(self) -> None:
        """Stop it; whatever served before goes on."""
        self._close()
        stop(self.identity, patience_seconds=1.0)
        self._process.wait()
        self._folder.candidate_file.unlink(missing_ok=True)

    def let_go(self) -> None:
        """It serves: forget that it was a candidate."""
        self._close()
        self._process.returncode = 0  # no longer ours to wait for; Popen would warn that it still runs
        self._folder.candidate_file.unlink(missing_ok=True)

    @property
    def _where(self) -> str:
        return str(self._folder.server_log)

    def _explained(self, error: GroundplanError) -> GroundplanError:
        return explained_by_log(error, self._folder, self._log_start)

    def _say(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # it died; wait() tells
            pipe = self._pipe(self._process.stdin)
            pipe.write(line + "\n")
            pipe.flush()

    def _read(self, pipe: IO[str]) -> None:
        with pipe:
            for line in pipe:
                self._events.put(json.loads(line))
        self._events.put(
            {"event": channel.FAILED, "message": "the server process ended before it was ready", "hint": ""}
        )

    def _close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._pipe(self._process.stdin).close()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None  # noqa: S101 asked for at the start
        return pipe


def clean(folder: EndpointFolder) -> None:
    """Finish what a killed command left: a candidate that neither serves nor died is stopped, a version that was not
    added to its end is taken away.
    """
    candidate = folder.candidate()
    if candidate is not None and not candidate.instance:
        _forget_added(folder, candidate.version)
    if candidate is not None and candidate.identity.pid:
        serving = folder.process()
        if serving is None or serving.instance != candidate.instance:
            wait_for_end(candidate.identity, seconds=0.5)
            serving = folder.process()
        if serving is None or serving.instance != candidate.instance:
            stop(candidate.identity, patience_seconds=1.0)
    folder.candidate_file.unlink(missing_ok=True)


def wait_for_unrecorded(deployment: Deployment | None) -> None:
    """Wait until nobody listens at the port of a deployment whose process.json was lost.

    A server that misses its record ends by itself within seconds; what still listens then is another program.
    """
    deadline = time.monotonic() + _UNRECORDED_SECONDS
    while deployment is not None and deployment.port and _listens(deployment) and time.monotonic() < deadline:
        time.sleep(0.1)


def _listens(deployment: Deployment) -> bool:
    address = urlsplit(deployment.url)
    try:
        with socket.create_connection((address.hostname or "", deployment.port), timeout=1.0):
            return True
    except OSError:
        return False


def _forget_added(folder: EndpointFolder, version: int) -> None:
    """The router, if one runs, follows; a version that meanwhile has traffic was added to its end."""
    with contextlib.suppress(StoreCorruptedError):
        deployment = folder.deployment()
        if deployment is None or version not in {served.version for served in deployment.beside}:
            return
        split = deployment.split
        if split.shares.get(version, 0) == 0 and split.mirrored != version:
            folder.write_deployment(without(deployment, version))


def explained_by_log(error: GroundplanError, folder: EndpointFolder, start: int) -> GroundplanError:
    """The error with the last lines of the server's log, from byte ``start`` on."""
    problem = dataclasses.replace(error.problems[0], excerpt="\n".join(log_tail(folder, start=start)))
    return type(error)(error.message, where=error.where, hint=error.hint, problems=[problem])


def log_tail(folder: EndpointFolder, *, start: int = 0) -> list[str]:
    """The server log's last lines, from byte ``start`` on."""
    try:
        with folder.server_log.open("rb") as stream:
            stream.seek(start)
            return stream.read()[-20_000:].decode(errors="replace").splitlines()[-_SHOWN_LINES:]
    except OSError:
        return []


def rotate(folder: EndpointFolder) -> None:
    """Begin a new server log when the old one is large; one old one is kept."""
    with contextlib.suppress(FileNotFoundError):
        if folder.server_log.stat().st_size > _LOG_BYTES:
            folder.server_log.replace(folder.server_log.with_name("server.log.1"))


def _environment() -> dict[str, str]:
    """The command's own, without what steers groundplan, and without what slows every start of Python."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GROUNDPLAN_") and name != "PYTHONDONTWRITEBYTECODE"
    }
