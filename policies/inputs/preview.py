"""What ``pulumi preview --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ...core.errors import DataError
from .input import Format, Gathered, Input, mapping_of, text_of

GONE = frozenset({"delete", "discard", "remove-pending-replace"})
"""The steps after which a resource is no more. What is deleted to be replaced is not among them."""
_KEEPS_ID = frozenset({"same", "update", "refresh", "import"})


class Preview:
    """One object with all steps."""

    def __init__(self) -> None:
        self._steps = Steps()
        self._same = 0

    def take(self, path: str, value: object) -> None:
        """Take a step, or what the preview says of itself."""
        if path == "steps[]":
            step = as_mapping(value, "a step")
            self._steps.add(step, mapping_of(step, "newState"), mapping_of(step, "oldState"))
        elif path == "diagnostics" and isinstance(value, list):
            for one in cast("list[object]", value):
                refuse_failed(as_mapping(one, "a message"))
        elif path == "changeSummary" and isinstance(value, Mapping):
            self._same = as_count(cast("Mapping[str, object]", value).get("same"))

    def made(self) -> Input:
        """The resources as they are after the previewed update."""
        return self._steps.made(Format.PREVIEW, same=self._same)


class Steps:
    """The engine's steps, one after the other."""

    def __init__(self) -> None:
        self._gathered = Gathered()
        self._same: set[str] = set()

    def add(self, step: Mapping[str, object], new: Mapping[str, object], old: Mapping[str, object]) -> None:
        """Take one: what becomes of a resource. One that comes again, such as refreshed and then kept, is one."""
        op, urn = text_of(step, "op"), text_of(step, "urn")
        if op in GONE:
            self._gathered.skip(urn, "deleted")
        elif new:
            self._gathered.add(new, id=old.get("id", "") if op in _KEEPS_ID else "")
        if op == "same":
            self._same.add(urn)

    def made(self, format: Format, *, same: int) -> Input:
        """All of it; ``same`` is how many things stay as they are, in the file or not."""
        return self._gathered.input(format, unseen=max(0, same - len(self._same)))


def as_mapping(value: object, what: str) -> Mapping[str, object]:
    """The value as a mapping. Raises DataError when it is none."""
    if not isinstance(value, Mapping):
        raise DataError(f"{what} of the preview is no object", hint="Run pulumi preview --json again.")
    return cast("Mapping[str, object]", value)


def as_count(value: object) -> int:
    """A number of things; 0 for anything else."""
    return value if isinstance(value, int) else 0


def refuse_failed(message: Mapping[str, object]) -> None:
    """Raise DataError for an error of the engine: what it did not reach would go unjudged."""
    if text_of(message, "severity") == "error":
        first = (text_of(message, "message").strip().splitlines() or ["error"])[0]
        raise DataError(
            f"the preview failed: {first.removeprefix('error: ').rstrip(':')[:200]}",
            where=text_of(message, "urn"),
            hint="What it did not reach cannot be judged. Make pulumi preview succeed, then check its output.",
        )
