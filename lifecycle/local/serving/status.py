"""What a router says of itself on disk, for the commands that wait for it: status.json."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ....core.errors import GroundplanError
from .records import EndpointFolder, RouterStatus, WorkerState

_logger = logging.getLogger(__name__)


class StatusWriter:
    """Writes only what is new, and nothing before ``begin``: until then another router may speak for the endpoint."""

    def __init__(self, folder: EndpointFolder, *, instance: str) -> None:
        """``instance`` is the router's."""
        self._folder = folder
        self._instance = instance
        self._begun = False
        self._applied = ""
        self._problem = ""
        self._said: RouterStatus | None = None

    def begin(self, applied: str) -> None:
        """Speak from now on."""
        self._begun = True
        self.applied(applied)

    def end(self) -> None:
        """Say nothing more: a successor speaks."""
        self._begun = False

    def applied(self, digest: str) -> None:
        """The deployment of this digest is followed."""
        self._applied, self._problem = digest, ""

    def refused(self, problem: str, digest: str) -> None:
        """The deployment of this digest was looked at and is not followed."""
        self._applied, self._problem = digest, problem

    def tell(self, workers: Sequence[WorkerState]) -> None:
        """Write how the workers are; a disk that is full does not stop the router."""
        status = RouterStatus(
            instance=self._instance, applied=self._applied, problem=self._problem, workers=tuple(workers)
        )
        if not self._begun or status == self._said:
            return
        try:
            self._folder.write_status(status)
            self._said = status
        except GroundplanError as error:
            _logger.error("the status cannot be written, serving goes on: %s", error.message)  # noqa: TRY400 as it says
