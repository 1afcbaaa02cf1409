"""What ``pulumi stack export`` prints, and the file of a backend that somebody runs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from ...core.errors import DataError
from .input import Format, Gathered, Input, mapping_of, text_of
from .values import converted

NEWEST = 4
"""The newest version of the engine's state that is understood."""


class State:
    """The resources of one stack, as they are."""

    def __init__(self) -> None:
        self._gathered = Gathered()
        self._deleted = 0

    def take(self, path: str, value: object) -> None:
        """Take a resource, or the version. Raises DataError for a newer one."""
        if path == "version" and isinstance(value, int) and value > NEWEST:
            raise DataError(
                f"the state has version {value}; groundplan understands versions up to {NEWEST}",
                hint="Install a newer groundplan.",
            )
        if path in ("deployment.resources[]", "checkpoint.latest.resources[]"):
            if not isinstance(value, Mapping):
                raise DataError(
                    "a resource of the state is no object", hint="Export it again with pulumi stack export."
                )
            self._add(cast("Mapping[str, object]", value))

    def _add(self, state: Mapping[str, object]) -> None:
        urn = text_of(state, "urn")
        if state.get("delete") is True or state.get("pendingReplacement") is True:
            self._deleted += 1
            return
        if urn in self._gathered.resources:
            raise DataError(
                "the state holds this resource twice", where=urn, hint="pulumi state repair can put it right."
            )
        self._gathered.add(state, extra=_told(state))

    def made(self) -> Input:
        """The resources that are not to be deleted."""
        found = self._gathered.input(Format.STATE)
        return replace(found, skipped={**found.skipped, "deleted": self._deleted}) if self._deleted else found


def _told(state: Mapping[str, object]) -> dict[str, object]:
    """What the cloud says of properties that the program does not set: truth values, numbers and texts alone.

    A list or an object of the outputs may have another shape than the input of its name.
    """
    inputs = mapping_of(state, "inputs")
    outputs = {
        key: value
        for key, value in mapping_of(state, "outputs").items()
        if inputs.get(key) is None and isinstance(value, (bool, int, float, str)) and value != ""
    }
    return {key: value for key, value in outputs.items() if converted(value) is value}
