"""A window's facts, read from the request log, in the one form that all monitors read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..contract.monitoring import Attribution, Performance, Window
from ..contract.traffic import Observation

Array = Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column's values in a window. ``numbers`` are finite and in order, ``categories`` counts texts.

    ``rows`` were logged; ``absent`` lack the field, ``empty`` have null in it, ``wrong`` hold another type than the
    training data. ``redacted``: it was left out of the log on purpose.
    """

    rows: int
    numbers: Array | None = None
    categories: Mapping[str, int] = field(default_factory=dict[str, int])
    absent: int = 0
    empty: int = 0
    wrong: int = 0
    redacted: bool = False

    @property
    def missing(self) -> int:
        """The rows that have no value."""
        return self.absent + self.empty


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowData:
    """What one version was asked and answered in a window.

    ``requests`` are predictions that were asked for, ``refused`` those with an answer of 4xx that concerns what they
    hold, ``failed`` those of 5xx; ``latencies_ms`` are of all that were answered. ``rows`` were logged with inputs.
    ``unknown`` are columns that the baseline does not have. ``earlier`` are the requests of the windows before.
    ``observed`` is what a cloud's metrics say of the version as a service: its log has neither statuses nor times, so
    that ``refused`` is None and ``latencies_ms`` empty. ``sample`` are rows to ask the model about, ``attribution``
    is what its answers to them depend on, ``unattributed`` says why that is not known.
    """

    window: Window
    version: int
    requests: int = 0
    refused: int | None = 0
    failed: int = 0
    latencies_ms: Array = ()
    rows: int = 0
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    prediction: Column | None = None
    unknown: tuple[str, ...] = ()
    labelled: int = 0
    performance: Performance | None = None
    earlier: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    observed: Observation | None = None
    sample: Sequence[Mapping[str, object]] = ()
    attribution: Attribution | None = None
    unattributed: str = ""
