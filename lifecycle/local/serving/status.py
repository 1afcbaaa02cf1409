"""What a router says of itself on disk, for the commands that wait for it: status.json."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ....core.errors import GroundplanError
from .records import EndpointFolder, RouterStatus, WorkerState

_logger = logging.getLogger(__name__)


class StatusWriter:
    """Writes only what is new, and only while process.json says that its router is the one that serves."""

    def __init__(self, folder: EndpointFolder, *, instance: str) -> None:
        """``instance`` is the router's."""
        self._folder = folder
        self._instance = instance
        self.digest = ""
        self._problem = ""
        self._said: RouterStatus | None = None

    def applied(self, digest: str) -> None:
        """The deployment of this digest is followed."""
        self.digest, self._problem = digest, ""

    def refused(self, problem: str, digest: str) -> None:
        """The deployment of this digest was looked at and is not followed."""
        self.digest, self._problem = digest, problem

    def tell(self, workers: Sequence[WorkerState]) -> None:
        """Write how the workers are; a disk that is full does not stop the router."""
        status = RouterStatus(
            instance=self._instance, applied=self.digest, problem=self._problem, workers=tuple(workers)
        )
        if status == self._said or not self._speaks():
            return
        try:
            self._folder.write_status(status)
            self._said = status
        except GroundplanError as error:
            _logger.error("the status cannot be written, serving goes on: %s", error.message)  # noqa: TRY400 as it says

    def _speaks(self) -> bool:
        process = self._folder.process()
        return process is not None and process.instance == self._instance
