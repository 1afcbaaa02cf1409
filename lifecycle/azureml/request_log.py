"""The request log of Azure ML's endpoints: the blobs of its data collector, both halves of each exchange joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from ...core import clock
from ..contract.request_log import LogRemarks
from ..patience import Pace
from ..predicted import apart
from . import collecting, errors, log_events
from .blobs import Container
from .deployments import version_of
from .log_blobs import LogBlobs
from .log_events import Half
from .places import last

LATE_SECONDS = 600.0
"""How long a line is waited for. Azure ML says nothing of it; a few seconds were seen."""

_CALL_SECONDS = 120.0
_HOUR = timedelta(hours=1)


class AzureMLRequestLog:
    """What endpoints logged into the container ``requests`` of a storage account, read as who is signed in.

    ``account`` is the account's resource id, ``suffix`` the end of its address, which another cloud has otherwise.
    """

    late_seconds = LATE_SECONDS

    def __init__(self, account: str, *, pace: Pace | None = None, suffix: str = "core.windows.net") -> None:
        self._account = account
        self._address = f"https://{last(account)}.blob.{suffix}"
        self._pace = pace or Pace()

    def begun(self, endpoint: str) -> str:
        """The first day of which a version of ours has a folder, with what a request may be older than its folder."""
        blobs = self._blobs(endpoint)
        ours = [name for name in blobs.deployments() if version_of(name) is not None]
        day = blobs.first_day(ours, collecting.REQUESTS)
        return clock.to_text(clock.from_text(f"{day}T00:00:00Z") - _HOUR) if day else ""

    def lines(
        self, endpoint: str, since: str, until: str, remarks: LogRemarks | None = None
    ) -> Iterator[Mapping[str, object]]:
        """The predictions of a stretch of time, hour by hour; only the hours' folders that it needs are looked at."""
        since, until = (clock.to_text(clock.from_text(one)) for one in (since, until))
        blobs = self._blobs(endpoint)
        versions = {name: version_of(name) for name in blobs.deployments()}
        joining = [
            _Joining(deployment=name, version=version, since=since, until=until, remarks=remarks or LogRemarks())
            for name, version in versions.items()
            if version is not None
        ]
        ready: list[dict[str, Any]] = []
        for hour in _hours(since, until):
            ready += (line for one in joining for line in one.of_hour(blobs, hour))
            ready.sort(key=itemgetter("time", "request_id"))
            begun = clock.to_text(hour)
            # What this hour's folders hold may be of the hour before: only what is older has all its neighbours.
            yield from (line for line in ready if line["time"] < begun)
            ready = [line for line in ready if line["time"] >= begun]
        yield from ready
        for one in joining:
            one.end()

    def _blobs(self, endpoint: str) -> LogBlobs:
        container = Container(
            self._address, collecting.CONTAINER, account=self._account, pace=self._pace, seconds=_CALL_SECONDS,
            role=errors.BLOB_READER,
        )  # fmt: skip
        return LogBlobs(container, last(endpoint))


def _hours(since: str, until: str) -> Iterator[datetime]:
    """The hours in whose folders lines of a stretch of time may be."""
    hour = clock.from_text(since).replace(minute=0, second=0, microsecond=0)
    end = clock.from_text(until) + timedelta(seconds=LATE_SECONDS)
    while hour < end:
        yield hour
        hour += _HOUR


@dataclass(kw_only=True)
class _Joining:
    """One version's halves that wait for the other one, for the hour in which they came and the next."""

    deployment: str
    version: int
    since: str
    until: str
    remarks: LogRemarks
    asked: list[dict[str, Half]] = field(default_factory=lambda: [{}, {}])
    answered: list[dict[str, Half]] = field(default_factory=lambda: [{}, {}])

    def of_hour(self, blobs: LogBlobs, hour: datetime) -> Iterator[dict[str, Any]]:
        """The lines that become whole in an hour's folders."""
        self._forget(self.asked.pop(0))
        self.answered.pop(0)
        self.asked.append(self._halves(blobs, collecting.REQUESTS, hour))
        # Most versions that an endpoint ever had are asked nothing any more: their answers are not looked for.
        waits = any(self.asked)
        self.answered.append(self._halves(blobs, collecting.ANSWERS, hour) if waits else {})
        for asked in self.asked:
            for id in list(asked):
                answer = next((found.pop(id) for found in self.answered if id in found), None)
                if answer is not None:
                    line = self._line(asked.pop(id), answer)
                    if line is not None:
                        yield line

    def end(self) -> None:
        """Nothing more comes."""
        for asked in self.asked:
            self._forget(asked)

    def _halves(self, blobs: LogBlobs, collection: str, hour: datetime) -> dict[str, Half]:
        found = (log_events.half(line, self.remarks) for line in blobs.lines(self.deployment, collection, hour))
        return {one.id: one for one in found if one is not None}

    def _forget(self, asked: Mapping[str, Half]) -> None:
        self.remarks.halves += sum(1 for one in asked.values() if self._within(one))

    def _within(self, request: Half) -> bool:
        return self.since <= request.time < self.until

    def _line(self, request: Half, answer: Half) -> dict[str, Any] | None:
        """Both halves as one line of the window; None for another window's, and for what cannot be one."""
        if not self._within(request):
            return None
        inputs, predictions = log_events.rows(request.body), log_events.predictions(answer.body)
        if predictions is None:
            self.remarks.failed += 1
            return None
        if inputs is None or len(inputs) != len(predictions):
            self.remarks.damaged += 1
            return None
        outputs, probabilities = apart(predictions)
        return {
            "time": request.time,
            "request_id": request.id,
            "version": self.version,
            "rows": len(inputs),
            "inputs": inputs,
            "outputs": outputs,
            **({} if probabilities is None else {"probabilities": probabilities}),
        }
