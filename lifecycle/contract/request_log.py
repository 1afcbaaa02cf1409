"""The request log of a cloud's endpoint, read back in the form in which the laptop's is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(kw_only=True)
class LogRemarks:
    """What was met while reading, and left out.

    ``damaged`` hold nothing that can be read; of ``halves`` the answer was not logged, as where both are drawn by lot;
    ``failed`` were answered without predictions; ``strangers`` by what groundplan did not deploy; ``elsewhere`` are too
    large for the log, which names a file of their own.
    """

    damaged: int = 0
    halves: int = 0
    failed: int = 0
    strangers: int = 0
    elsewhere: int = 0

    def notes(self) -> tuple[str, ...]:
        """The remarks in words."""
        said = {
            "lines of the request log are damaged": self.damaged,
            "logged requests have no logged answer": self.halves,
            "logged requests were answered without predictions": self.failed,
            "logged requests were answered by what groundplan did not deploy": self.strangers,
            "logged requests are too large for the log": self.elsewhere,
        }
        return tuple(f"{count} {what} and were left out" for what, count in said.items() if count)


class RequestLog(Protocol):
    """What an environment's endpoints were asked and answered, where the cloud logs it.

    ``request_id`` is what ``VersionedEndpoints.predict`` gave to the caller, so that labels meet their requests
    (docs/adr/0022): on Azure ML the id that the service gave the request; on Vertex AI, which tells nobody the id in
    its log, a digest of the rows and of who answered, so that the same rows, asked again of the same version, have the
    same id and share their labels. A request that was not drawn for the log has no line at all: its id is as unknown
    as a wrong one.
    """

    @property
    def late_seconds(self) -> float:
        """How long after a request its line can still come."""
        ...

    def begun(self, endpoint: str) -> str:
        """A moment (RFC 3339) before which nothing was logged; "" where nothing was logged at all. Raises as ``lines``.

        So that whoever looks for what is not there stops.
        """
        ...

    def lines(
        self, endpoint: str, since: str, until: str, remarks: LogRemarks | None = None
    ) -> Iterator[Mapping[str, object]]:
        """The predictions from ``since`` (included) to ``until`` (excluded), RFC 3339, oldest first, page by page.

        ``endpoint`` is the cloud's id. A line has ``time`` (RFC 3339 in UTC, as ``core.clock`` writes it),
        ``request_id``, ``version``, ``rows`` (their number), ``inputs`` (a mapping for each row), ``outputs`` (a value
        for each), and ``probabilities`` where each row has them; neither route, status nor latency. What cannot be
        such a line is counted in ``remarks``. Copies that were mirrored are not told from requests. Nothing where
        nothing was logged yet. Raises AuthenticationError, ResourceFailedError, TimeoutReachedError, and NotFoundError
        where the store itself is not there, as before the first ``up``.
        """
        ...
