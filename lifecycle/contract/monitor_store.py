"""What looking at windows reads and keeps on any platform: the log's lines, labels, reports, who was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from .monitoring import Label, Monitors, Window
from .traffic import Observation

Key = tuple[str, int]
"""A request's id and the number of its row, from 0."""


class LoggedRequests(Protocol):
    """The predictions of an endpoint, in the form in which the laptop logs them."""

    def within(self, window: Window, now: str) -> Iterator[Mapping[str, Any]]:
        """The lines of a window that are not of the future."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What was met while reading, in words."""
        ...


class MonitorStore(Monitors, Protocol):
    """Monitors whose windows can be looked at."""

    def late_seconds(self, environment: str) -> float:
        """How long after its end a window can still get lines; it is not judged before."""
        ...

    def requests(self, endpoint: str, environment: str, *, copies: bool = False) -> LoggedRequests:
        """The requests that the log has; with ``copies`` also those mirrored to a version that answers nobody."""
        ...

    def oldest(self, endpoint: str, environment: str, *, now: str) -> str:
        """The time of the oldest line that is in the log; "" when there is none."""
        ...

    def service(self, endpoint: str, environment: str, window: Window) -> Mapping[int, Observation] | None:
        """What each version did in a window as a service; None where the lines of the log say that themselves."""
        ...

    def labels(self, endpoint: str, environment: str) -> Mapping[Key, Label]:
        """Every label, by request and row."""
        ...

    def labels_state(self, endpoint: str, environment: str) -> str:
        """A name of all the labels that there are: another one as soon as more were kept."""
        ...

    def told(self, endpoint: str, environment: str) -> Mapping[str, str]:
        """The alerts that people were told of, each with when."""
        ...

    def keep_told(self, endpoint: str, environment: str, told: Mapping[str, str]) -> None:
        """Keep the alerts that people were told of."""
        ...
