"""Azure ML's data collector: what a deployment is asked and answers, some requests later in blobs, an hour in each.

Each collection throws its own dice. Only what travels over HTTP is collected: ``model_inputs`` and ``model_outputs``
are handed over by scoring scripts, and the models here have none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..store import Resource
from .http import Json

if TYPE_CHECKING:
    from .azureml import AzureMLService

_LARGEST = 4 * 1024 * 1024
_OVER_HTTP = ("request", "response")
_INSTANCE = "b7d1f2a0-0000-4000-8000-00000000000{number}"


@dataclass(kw_only=True)
class _Waiting:
    left: int
    place: tuple[str, str, str]
    event: Json


class Collector:
    """What is on its way to the blobs; ``delay`` is for how many requests, ``now`` the service's clock.

    ``dice`` draw a number from 0 to 1: what is at the sampling rate or above is not collected.
    """

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self._waiting: list[_Waiting] = []
        self._events = 0
        self.delay = 3
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.dice: Callable[[], float] = lambda: 0.0

    def clear(self) -> None:
        """Nothing is on its way, everything is drawn."""
        self._waiting.clear()
        self.delay, self.now, self.dice = 3, lambda: datetime.now(UTC), lambda: 0.0

    def note(self, deployment: Resource, id: str, asked: Any, answered: Any) -> None:
        """A deployment answered a request."""
        collector: Json = deployment["inputs"]["properties"].get("dataCollector") or {}
        collections: dict[str, Json] = collector.get("collections") or {}
        for name, body in zip(_OVER_HTTP, (asked, answered), strict=True):
            settings = collections.get(name, {})
            if str(settings.get("dataCollectionMode")).lower() != "enabled":
                continue
            drawn = self.dice() < float(settings.get("samplingRate", 1.0))
            workspace = deployment["id"].partition("/onlineEndpoints/")[0]
            if drawn:
                place = self._service.jobs.places.key(workspace, settings["dataId"])
                event = self._event(deployment["id"], name, id, body)
                self._waiting.append(_Waiting(left=self.delay, place=place, event=event))

    def go_on(self) -> None:
        """A request came: what waited long enough is written."""
        for one in self._waiting:
            one.left -= 1
        self._write([one for one in self._waiting if one.left <= 0])

    def deliver(self) -> None:
        """All of it is written now."""
        self._write(list(self._waiting))

    def _write(self, due: list[_Waiting]) -> None:
        for one in due:
            self._waiting.remove(one)
            moment = datetime.fromisoformat(one.event["time"])
            account, container, path = one.place
            name = f"{path}/{moment:%Y/%m/%d/%H}/{_INSTANCE.format(number=1)}.jsonl"
            before = self._service.blobs.content.get((account, container, name))
            line = json.dumps(one.event).encode() + b"\n"
            self._service.blobs.put(account, container, name, (before.content if before else b"") + line)

    def _event(self, deployment: str, collection: str, id: str, body: Any) -> Json:
        self._events += 1
        size = len(json.dumps(body))
        large = size > _LARGEST
        return {
            "specversion": "1.0", "id": f"e0000000-0000-4000-8000-{self._events:012x}", "source": deployment,
            "type": f"azureml.inference.{collection}", "datacontenttype": "application/json",
            "time": f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "data": f"https://stchurndev.blob.core.windows.net/requests/{id}" if large else body,
            **({"path": "/score", "method": "POST"} if collection == "request" else {}),
            "contentrange": f"bytes 0-{size - 1}/{size}", "correlationid": id, "xrequestid": id,
            **({"datainblob": "true"} if large else {}),
        }  # fmt: skip
