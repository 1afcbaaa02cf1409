"""Records: small documents that every machine of a team sees, and that two of them cannot overwrite unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Record:
    """A document as it was read. ``tag`` is what the store calls this state of it, such as an ETag or a generation."""

    text: str
    tag: str


class Records(Protocol):
    """Documents in a store that the team shares, by names such as ``rollouts/churn/current.json``.

    A write is seen by every read that begins after it. Every call raises AuthenticationError, ResourceFailedError,
    TimeoutReachedError, and NotFoundError where the store itself is not there, as before the first ``up``.
    """

    def read(self, name: str) -> Record | None:
        """The document as it is now; None where there is none."""
        ...

    def write(self, name: str, text: str, *, tag: str | None) -> Record:
        """Put a document in place, all of it or nothing, where it still is as ``tag`` says; None: where it is not.

        Raises LockedError when somebody else changed it meanwhile. A write whose answer was lost, and that did its
        work, is none: it gives what is there.
        """
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """The names of all documents below a prefix, sorted, however many there are."""
        ...
