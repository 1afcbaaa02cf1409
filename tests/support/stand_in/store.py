"""The stand-in cloud's memory: resources, names that deletion keeps reserved, the calls it received; on disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, TypedDict, cast

import filelock


class Resource(TypedDict):
    """One resource as the cloud has it; ``inputs`` are its live settings, ``outputs`` what it answers."""

    id: str
    urn: str
    type: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class _Content(TypedDict):
    resources: dict[str, Resource]
    reserved: dict[str, str]


class Store:
    """One cloud below ``folder``. Several processes may use it; every change is whole or not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "cloud.json"
        self._calls = folder / "calls.jsonl"
        self._lock = filelock.FileLock(folder / "cloud.lock")
        self._threads = threading.RLock()
        self._keeps = folder / "keeps-schedules-that-are-on"

    @property
    def keeps_schedules_that_are_on(self) -> bool:
        """Azure ML's own rule for whoever deletes one, the engine included."""
        return self._keeps.exists()

    def keep_schedules_that_are_on(self) -> None:
        """From now on, for every process."""
        self._keeps.touch()

    @contextmanager
    def changing(self) -> Generator[_Content]:
        """The content, written back when the block ends without an error."""
        with self._threads, self._lock:
            content = self._read()
            yield content
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
            temporary.replace(self.path)

    def _read(self) -> _Content:
        if not self.path.exists():
            return {"resources": {}, "reserved": {}}
        return cast("_Content", json.loads(self.path.read_text(encoding="utf-8")))

    @property
    def resources(self) -> dict[str, Resource]:
        """All resources by id, a copy."""
        with self._threads, self._lock:
            return self._read()["resources"]

    @property
    def reserved(self) -> dict[str, str]:
        """Ids that deleted resources keep reserved, with their type."""
        with self._threads, self._lock:
            return self._read()["reserved"]

    def of_type(self, ending: str) -> list[Resource]:
        """The resources whose type token ends so, such as ``:StorageAccount``, by id."""
        return [one for _, one in sorted(self.resources.items()) if one["type"].endswith(ending)]

    def get(self, id: str) -> Resource | None:
        """The resource with this id; Azure does not tell capitals from small letters."""
        return next((one for key, one in self.resources.items() if key.lower() == id.lower()), None)

    def change(self, id: str, values: Mapping[str, Any]) -> None:
        """Somebody changes properties of a resource behind Pulumi's back; keys are dotted paths."""
        with self.changing() as content:
            resource = content["resources"][id]
            for path, value in values.items():
                _put(resource["inputs"], path, value)
                _put(resource["outputs"], path, value)

    def delete(self, id: str) -> None:
        """Somebody deletes a resource behind Pulumi's back, with everything inside it; no name stays reserved."""
        with self.changing() as content:
            for key in [one for one in content["resources"] if one == id or one.startswith(f"{id}/")]:
                del content["resources"][key]

    def occupy(self, id: str, type: str, **inputs: Any) -> None:
        """A resource that was there before and that no stack manages."""
        with self.changing() as content:
            content["resources"][id] = {
                "id": id,
                "urn": "",
                "type": type,
                "inputs": inputs,
                "outputs": deepcopy(inputs),
            }

    def reserve(self, id: str, type: str) -> None:
        """The name of a resource that was deleted a while ago and can still be recovered."""
        with self.changing() as content:
            content["reserved"][id] = type

    def purge(self) -> None:
        """Free every reserved name."""
        with self.changing() as content:
            content["reserved"].clear()

    def record(self, call: Mapping[str, Any]) -> None:
        """Write down a call, before it is answered."""
        with self._threads, self._calls.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(call) + "\n")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls received, in order: ``method``, ``type``, ``name``, ``preview`` and the fault that struck."""
        if not self._calls.exists():
            return []
        return [json.loads(line) for line in self._calls.read_text(encoding="utf-8").splitlines()]


def _put(properties: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        properties = properties.setdefault(name, {})
    if value is None:
        properties.pop(last, None)
    else:
        properties[last] = value
