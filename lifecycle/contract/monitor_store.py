"""What looking at windows reads and keeps on any platform: the log's lines, labels, reports, who was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from .managed_monitors import ManagedFindings
from .monitoring import Baseline, Label, MonitorPlan, Monitors, Window
from .traffic import Observation

Key = tuple[str, int]
"""A request's id and the number of its row, from 0."""


Baselines = Callable[[int], Baseline | None]
"""What a version learned from, where that is known."""


class ManagedLook(Protocol):
    """The cloud's own monitors of an endpoint as one look at it found them, and what they say."""

    def notes(self, version: int) -> tuple[str, ...]:
        """What is not watched of a version, and what the cloud refused, in words."""
        ...

    def findings(self, version: int, window: Window) -> ManagedFindings:
        """What the monitor of a version found in a window, with these notes; nothing is raised."""
        ...


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

    def managed(self, plan: MonitorPlan, serving: Sequence[int], baselines: Baselines, *, now: str
                ) -> ManagedLook | None:  # fmt: skip
        """See that the cloud's own monitors watch the versions that serve, and no others, if the plan asks for them.

        None where there are none to be asked. What the cloud refuses is a note: nothing is raised for it.
        """
        ...

    def pinned(self, plan: MonitorPlan, window: Window) -> ManagedFindings:
        """What the cloud's own monitor found of the model that the config pins there; nothing is raised for it."""
        ...

    def told(self, endpoint: str, environment: str) -> Mapping[str, str]:
        """The alerts that people were told of, each with when."""
        ...

    def keep_told(self, endpoint: str, environment: str, told: Mapping[str, str]) -> None:
        """Keep the alerts that people were told of."""
        ...
