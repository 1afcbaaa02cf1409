"""The request log of a cloud's endpoint, read back in the form in which the laptop's is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol


class RequestLog(Protocol):
    """What an environment's endpoints were asked and answered, where the cloud logs it."""

    @property
    def late_seconds(self) -> float:
        """How long after a request its line can still come."""
        ...

    def lines(self, endpoint: str, since: str, until: str) -> Iterator[Mapping[str, object]]:
        """The predictions from ``since`` (included) to ``until`` (excluded), RFC 3339, oldest first, page by page.

        ``endpoint`` is the cloud's id. A line has the fields of the laptop's log that the cloud knows: ``time``,
        ``request_id``, ``version``, ``rows``, ``inputs``, ``outputs``, ``probabilities``. Raises AuthenticationError,
        ResourceFailedError, TimeoutReachedError; nothing where nothing was logged yet.
        """
        ...
