"""What the engine streams: one event a line, from ``pulumi up --json`` or a preview that streams its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ...core.errors import DataError
from .input import Format, Input, mapping_of, text_of
from .preview import Steps, as_count, as_mapping, refuse_failed


class Events:
    """Events in the order in which they came."""

    def __init__(self) -> None:
        self._steps = Steps()
        self._summary: Mapping[str, object] | None = None

    def take(self, path: str, value: object) -> None:
        """Take an event; those that say nothing of resources are passed over."""
        if path == "resourcePreEvent":
            step = mapping_of(as_mapping(value, "an event"), "metadata")
            self._steps.add(step, mapping_of(step, "new"), mapping_of(step, "old"))
        elif path == "diagnosticEvent":
            refuse_failed(as_mapping(value, "an event"))
        elif path == "summaryEvent" and isinstance(value, Mapping):
            self._summary = cast("Mapping[str, object]", value)

    def made(self) -> Input:
        """The resources as they are after the update. Raises DataError when it did not end well."""
        if self._summary is None:
            raise DataError(
                "the stream ends before the engine's summary: it was cut off",
                hint="Run pulumi again and keep all of its output.",
            )
        if text_of(self._summary, "result") == "failed":
            refuse_failed({"severity": "error", "message": "the engine says so in its summary"})
        same = as_count(mapping_of(self._summary, "resourceChanges").get("same"))
        return self._steps.made(Format.EVENTS, same=same)
