"""Callers of an endpoint in the background: one request after the other, and what became of each."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ...core.errors import GroundplanError

if TYPE_CHECKING:
    from ...lifecycle.contract.deployment import Deployment
    from ...lifecycle.contract.platform import Endpoints

Row = Mapping[str, object]

_PAUSE_SECONDS = 0.01


class Load:
    """Asks while the block runs. ``lost`` says why requests had no answer, ``answered`` counts by version."""

    def __init__(self, endpoints: Endpoints, deployment: Deployment, rows: Sequence[Row]) -> None:
        """Nothing is sent before the block."""
        self._endpoints = endpoints
        self._deployment = deployment
        self._rows = itertools.cycle(rows)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="load", daemon=True)
        self.answered: dict[int, int] = {}
        self.lost: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def total(self) -> int:
        """Requests that were answered."""
        return sum(self.answered.values())

    def _ask(self) -> None:
        while not self._stop.wait(_PAUSE_SECONDS):
            try:
                answer = self._endpoints.predict(self._deployment, [next(self._rows)])
                model = answer["model"]
                version = int(model["version"]) if isinstance(model, Mapping) else 0  # pyright: ignore[reportUnknownArgumentType]
                self.answered[version] = self.answered.get(version, 0) + 1
            except GroundplanError as error:
                self.lost.append(error.message)
