"""Counts what each version does: for Prometheus, and a line per second on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ....core import clock
from .metrics import EndpointMetrics
from .observations import FILES_KEPT, Tally
from .request_log import RequestLog

_FLUSH_SECONDS = 1.0
_MAX_BYTES = 5_000_000


class Record:
    """Counts for both readers."""

    def __init__(self, path: Path, metrics: EndpointMetrics) -> None:
        """``path`` is the file of observations; nothing is written before something happened."""
        self._metrics = metrics
        self._log = RequestLog(path, on_failure=metrics.log_failures.inc, max_bytes=_MAX_BYTES, kept=FILES_KEPT)
        self._tallies: dict[int, Tally] = {}
        self._began = clock.now()

    def answered(self, version: int, seconds: float | None, *, failed: bool) -> None:
        """A request that was meant for this version; ``seconds`` is None when it never answered."""
        tally = self._tally(version)
        tally.requests += 1
        self._metrics.versions.requests.labels(version).inc()
        self._end(tally, version, seconds, failed=failed)

    def mirrored(self, version: int, seconds: float | None, *, failed: bool, disagrees: bool) -> None:
        """A copy that was sent to this version."""
        tally = self._tally(version)
        tally.mirrored += 1
        self._metrics.versions.mirrored.labels(version).inc()
        if disagrees:
            tally.disagreements += 1
            self._metrics.versions.disagreements.labels(version).inc()
        self._end(tally, version, seconds, failed=failed)

    def crashed(self, version: int) -> None:
        """Its process died and has to be started again; written at once."""
        self._tally(version).restarts += 1
        self._metrics.versions.restarts.labels(version).inc()
        self.flush()

    def flush(self) -> None:
        """Write what happened since the last time; what cannot be written is kept for the next."""
        began, self._began = self._began, clock.now()
        span = {"from": clock.to_text(began), "to": clock.to_text(self._began)}
        for version, tally in list(self._tallies.items()):
            if self._log.write({**span, "version": version, **tally.data()}):
                del self._tallies[version]

    async def keep_flushing(self) -> None:
        """Write once a second, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self.flush()

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        self._log.close()

    def _tally(self, version: int) -> Tally:
        return self._tallies.setdefault(version, Tally())

    def _end(self, tally: Tally, version: int, seconds: float | None, *, failed: bool) -> None:
        if failed:
            tally.errors += 1
            self._metrics.versions.errors.labels(version).inc()
        if seconds is not None:
            tally.took(seconds)
            self._metrics.versions.seconds.labels(version).observe(seconds)
