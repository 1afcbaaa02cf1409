"""Azure ML's schedules over ARM, whoever made them, and the runs of monitors that they begin.

The SDK asks in words of an earlier version than the one that is described and that the engine writes: they are put into
the later one's before they are held against it and kept, and back when the SDK asks for them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ..store import Resource
from . import arm, performance
from .http import Answer, Json, Request
from .monitors import PlayedMonitor

if TYPE_CHECKING:
    from .azureml import AzureMLService

KIND = "azure-native:machinelearningservices:Schedule"
_TYPE = "Microsoft.MachineLearningServices/workspaces"
_WORKSPACE = rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
_SCHEDULE = re.compile(rf"{_WORKSPACE}/schedules(/(?P<name>[a-zA-Z0-9][a-zA-Z0-9_-]{{0,254}}))?")
_JOBS = re.compile(rf"{_WORKSPACE}/jobs")
_LISTED_BY = frozenset({"api-version", "listViewType", "scheduled", "scheduleId", "$skip"})
_LISTING = "2024-01-01-preview"
"""The version whose description has the two by which the jobs of a schedule are listed."""
_EARLIER = "2023-06-01-preview"
_ONLY_EARLIER = ("mode", "modelType", "dataSegment")
"""What a signal has in the earlier version alone."""
_SYSTEM = {"createdBy": "ci@example.com", "createdByType": "User", "createdAt": "2026-11-20T08:00:00Z"}


class Schedules:
    """The schedules; ``page`` is the most of them, or of their jobs, in an answer."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.page = 100

    def answer(self, request: Request) -> Answer | None:
        """What ARM says; None for an address of another service."""
        jobs, found = _JOBS.fullmatch(request.path), _SCHEDULE.fullmatch(request.path)
        if jobs is not None and request.method == "GET":
            return self._jobs(request)
        if found is None:
            return None
        if not found["name"]:
            return self._list(request, found["workspace"])
        there = self._service.seen().get(request.path)
        if request.method == "PUT":
            return self._put(request, found.groupdict())
        if request.method == "DELETE":
            return self._delete(self._service.store.resources.get(request.path))
        if there is None:
            raise arm.refused(404, "ResourceNotFound", f"The schedule {request.path} was not found.")
        return Answer(body=_body(there, request))

    def of(self, id: str) -> Json:
        """A schedule's properties, as they are kept. Raises KeyError."""
        properties: Json = self._service.store.resources[id]["inputs"]["properties"]
        return properties

    def run(self, id: str, trigger: str, **figures: Any) -> PlayedMonitor:
        """Begin a run of a monitor, as at this time (``YYYYMMDDThhmmssZ``); it goes on when it is looked at."""
        workspace, _, name = id.partition("/schedules/")
        jobs = self._service.jobs
        played = PlayedMonitor.of(self._service, workspace, name, trigger, **figures)
        jobs.played[played.name] = played
        return played

    def _list(self, request: Request, workspace: str) -> Answer:
        wanted = request.query.get("listViewType", "EnabledOnly")
        there = [
            one for id, one in sorted(self._service.seen().items())
            if id.startswith(f"{workspace}/schedules/") and one["type"] == KIND
            and (wanted == "All" or _enabled(one) == (wanted == "EnabledOnly"))
        ]  # fmt: skip
        return self._paged(request, [_body(one, request) for one in there])

    def _jobs(self, request: Request) -> Answer:
        """The jobs that a schedule began, of pipelines and of monitors, which then go on; the newest first."""
        wanted = request.query.get("scheduleId", "")
        if request.query.get("scheduled") != "true" or not wanted:
            raise arm.refused(405, "MethodNotAllowed", "the stand-in does not list every job")
        if not request.query.keys() <= _LISTED_BY or request.query["api-version"] != _LISTING:
            raise arm.refused(400, "UserError", f"jobs are not listed by {dict(request.query)}")
        played = [one for one in self._service.jobs.played.values() if one.schedule == wanted]
        for one in played:
            if isinstance(one, PlayedMonitor):
                one.go_on()
        played.sort(key=lambda one: one.created, reverse=True)
        return self._paged(request, [self._service.jobs.body(one) for one in played])

    def _paged(self, request: Request, found: list[Json]) -> Answer:
        begin = int(request.query.get("$skip", "0"))
        body: Json = {"value": found[begin : begin + self.page]}
        if begin + self.page < len(found):
            others = "&".join(f"{name}={value}" for name, value in request.query.items() if name != "$skip")
            body["nextLink"] = f"{self._service.address}{request.path}?{others}&$skip={begin + self.page}"
        return Answer(body=body)

    def _put(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        body = _later(request.body) if request.query["api-version"] == _EARLIER else request.body
        described, wrong = performance.apart(body)
        wrong += arm.faults(f"{_TYPE}/schedules", described)
        action: Json = body["properties"]["action"]
        if action.get("actionType") == "CreateMonitor" and not wrong:
            wrong += self._misses(str(route["workspace"]), action["monitorDefinition"])
        if wrong:
            raise arm.refused(400, "UserError", "; ".join(wrong))
        made: Resource = {"id": request.path, "urn": "", "type": KIND, "inputs": body, "outputs": {}}
        self._service.put(_in_state(made, "Creating"))
        return self._service.work(
            request.path,
            lambda: self._service.put(_in_state(made, "Succeeded")),
            body=_body(_in_state(made, "Creating"), request),
            fail=lambda: self._service.put(_in_state(made, "Failed")),
        )

    def _delete(self, there: Resource | None) -> Answer:
        if there is None:
            return Answer(status=204)
        if _enabled(there):
            raise arm.refused(400, "UserError", "A schedule must be disabled to be deleted.")
        return self._service.work(there["id"], lambda: self._service.store.delete(there["id"]), body=None)

    def _misses(self, workspace: str, definition: Json) -> list[str]:
        """What a monitor names that is not there."""
        named: Json = definition.get("monitoringTarget") or {}
        target = str(named.get("deploymentId", ""))
        wrong = [f"the deployment {target} is not there"] if target and not self._service.store.get(target) else []
        for signal in definition["signals"].values():
            for data in _inputs(signal):
                uri = str(data["uri"]).removeprefix("azureml:")
                id = uri if uri.startswith("/") else f"{workspace}/data/{uri.replace(':', '/versions/')}"
                asset = self._service.store.get(id)
                if asset is None:
                    wrong.append(f"the data asset {id} is not there")
                elif asset["inputs"]["properties"]["dataType"] != data["jobInputType"]:
                    wrong.append(f"the data asset {id} is no {data['jobInputType']}")
        return wrong


def _later(body: Json) -> Json:
    """A schedule in the words of the version that is described."""
    found = copy.deepcopy(body)
    definition: Json = found["properties"]["action"].get("monitorDefinition") or {}
    if "alertNotificationSetting" in definition:
        definition["alertNotificationSettings"] = definition.pop("alertNotificationSetting")
    for signal in definition.get("signals", {}).values():
        for name in _ONLY_EARLIER:
            signal.pop(name, None)
        if signal.get("signalType") == "FeatureAttributionDrift":
            signal.setdefault("featureImportanceSettings", {"mode": "Disabled", "targetColumn": ""})
        for data in _inputs(signal):
            if data.get("inputDataType") == "Trailing":
                data["inputDataType"] = "Rolling"
    return found


def _earlier(properties: Json) -> Json:
    """And back, as the SDK reads it."""
    found = copy.deepcopy(properties)
    definition: Json = found.get("action", {}).get("monitorDefinition") or {}
    if "alertNotificationSettings" in definition:
        definition["alertNotificationSetting"] = definition.pop("alertNotificationSettings")
    for signal in definition.get("signals", {}).values():
        for data in _inputs(signal):
            if data.get("inputDataType") == "Rolling":
                data["inputDataType"] = "Trailing"
    return found


def _inputs(signal: Json) -> list[Json]:
    production = signal["productionData"]
    several = cast("list[Json]", production if isinstance(production, list) else [production])
    return [*several, signal["referenceData"]]


def _enabled(schedule: Resource) -> bool:
    return bool(schedule["inputs"]["properties"].get("isEnabled", True))


def _in_state(schedule: Resource, state: str) -> Resource:
    return {**schedule, "outputs": {"properties": {**schedule["inputs"]["properties"], "provisioningState": state}}}


def _body(schedule: Resource, request: Request) -> Json:
    outputs: Json = {**schedule["inputs"], **schedule["outputs"]}
    properties: Json = {"provisioningState": "Succeeded", "isEnabled": True, **outputs["properties"]}
    if request.query["api-version"] == _EARLIER:
        properties = _earlier(properties)
    return {"id": schedule["id"], "name": schedule["id"].rpartition("/")[2], "type": f"{_TYPE}/schedules",
            "properties": properties, "systemData": _SYSTEM}  # fmt: skip
