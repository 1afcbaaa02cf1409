"""Azure ML's jobs over ARM: pipelines of registered components, the data assets that they read, clusters' states.

A job goes on by one stage each time that it is looked at; when a step runs, its command really does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import arm
from .http import Answer, Json, Request
from .job_places import OUTPUTS, Places
from .job_runs import PlayedJob

if TYPE_CHECKING:
    from .azureml import AzureMLService

_TYPE = "Microsoft.MachineLearningServices/workspaces"
_WORKSPACE = rf"(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{_TYPE}/[^/]+)"
_JOB = re.compile(rf"{_WORKSPACE}/jobs/(?P<name>[a-zA-Z0-9][a-zA-Z0-9_-]{{0,254}})(?P<cancel>/cancel)?")
_COMPONENT = re.compile(rf"{_WORKSPACE}/components/(?P<name>[^/]+)/versions(/(?P<version>[^/]+))?")
_DATA = re.compile(rf"{_WORKSPACE}/data/(?P<name>[^/]+)/versions/(?P<version>[^/]+)")
_COMPUTE = re.compile(rf"{_WORKSPACE}/computes/(?P<name>[^/]+)")
_DATASTORES = re.compile(rf"{_WORKSPACE}/datastores(/(?P<name>[^/]+))?")
_SYSTEM = {"createdBy": "ci@example.com", "createdByType": "User"}


class Jobs:
    """The jobs. ``endless`` steps do not end; ``short`` is what clusters say that get no machines.

    ``early_error`` ends a job before its first step, ``late_error`` after its last; ``skew`` is how wrong the cloud's
    clock is, ``unseen`` for how many reads a job that was made is not seen yet.
    """

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self.places = Places(service)
        self.played: dict[str, PlayedJob] = {}
        self.reset()

    def reset(self) -> None:
        """No jobs, and nothing that goes wrong."""
        self.played.clear()
        self.endless = False
        self.short = ""
        self.early_error: Json | None = None
        self.late_error: Json | None = None
        self.skew = timedelta(0)
        self.unseen = 0

    def now(self) -> datetime:
        """The cloud's clock."""
        return datetime.now(UTC) + self.skew

    def answer(self, request: Request) -> Answer | None:
        """What ARM says; None for an address of another service."""
        for route, act in (
            (_JOB, self._job), (_COMPONENT, self._component), (_DATA, self._data),
            (_COMPUTE, self._compute), (_DATASTORES, self._datastores),
        ):  # fmt: skip
            found = route.fullmatch(request.path)
            if found is not None:
                return act(request, found.groupdict())
        return None

    def _job(self, request: Request, route: Mapping[str, str | None]) -> Answer | None:
        workspace, name = str(route["workspace"]), str(route["name"])
        if request.method == "PUT":
            if request.headers.get("x-azureml-token") != self._service.own_token:
                raise arm.refused(401, "UserError", "a job needs a token for Azure ML itself")
            return self._start(workspace, name, request.body)
        played = self.played.get(name)
        if played is None:
            if any(name == one.id for job in self.played.values() for one in job.steps.values()):
                return Answer(body={"id": request.path, "name": name, "type": f"{_TYPE}/jobs", "properties": None})
            raise arm.refused(404, "ResourceNotFound", f"Job {name} was not found in the workspace.")
        if route["cancel"]:
            return self._cancel(workspace, played)
        if request.method != "GET":
            raise arm.refused(405, "MethodNotAllowed", "the stand-in does not play this")
        if self.unseen > 0:
            self.unseen -= 1
            raise arm.refused(404, "ResourceNotFound", f"Job {name} was not found in the workspace.")
        played.go_on()
        return Answer(body=self.body(played))

    def fire(self, workspace: str, schedule: str) -> str:
        """It is time for a schedule of the workspace: its job begins; the job's name."""
        found = self._service.store.get(f"{workspace}/schedules/{schedule}")
        assert found is not None, schedule
        body: Json = {"properties": found["inputs"]["properties"]["action"]["jobDefinition"]}
        wrong = [*arm.faults(f"{_TYPE}/jobs", body), *self._misses(workspace, body["properties"])]
        assert wrong == [], wrong
        name = f"{schedule}-{self.now():%Y%m%dT%H%M%SZ}-{len(self.played)}"
        self.played[name] = PlayedJob(
            service=self._service, jobs=self, workspace=workspace, name=name, body=body, schedule=schedule
        )  # fmt: skip
        return name

    def _start(self, workspace: str, name: str, body: Json) -> Answer:
        there = self.played.get(name)
        if there is not None:
            if there.body["properties"] != body["properties"]:
                raise arm.refused(409, "UserError", f"A job with the name {name} exists already.")
            return Answer(body=self.body(there))
        wrong = arm.faults(f"{_TYPE}/jobs", body)
        wrong += self._misses(workspace, body["properties"])
        if wrong:
            raise arm.refused(400, "UserError", "; ".join(wrong))
        self.played[name] = PlayedJob(service=self._service, jobs=self, workspace=workspace, name=name, body=body)
        return Answer(body=self.body(self.played[name]), status=201)

    def _misses(self, workspace: str, properties: Json) -> list[str]:
        """What the job names that is not there."""
        if properties["jobType"] != "Pipeline" or not properties.get("componentId"):
            return ["the stand-in runs pipelines of a registered component alone"]
        component = self._service.store.get(str(properties["componentId"]))
        if component is None:
            return [f"the component {properties['componentId']} was not found"]
        spec: Json = component["inputs"]["properties"]["componentSpec"]
        given: Json = properties.get("inputs") or {}
        known: Json = spec.get("inputs", {})
        wrong = [f"the component has no input {one}" for one in given if one not in known]
        wrong += [
            f"the input {one} is missing" for one, of in known.items() if "default" not in of and one not in given
        ]
        identity: Json = properties.get("identity") or {}
        known_by_client = any(
            one["outputs"].get("clientId") == identity.get("clientId")
            for one in self._service.store.of_type("managedidentity:UserAssignedIdentity")
            if "clientId" in identity
        )
        if identity.get("identityType") != "Managed" or not (
            known_by_client or self._service.store.get(str(identity.get("resourceId"))) is not None
        ):
            wrong.append(f"the identity {identity} is not there")
        for node in spec["jobs"].values():
            wrong += [f"{node[one]} was not found" for one in ("componentId", "computeId")
                      if self._service.store.get(str(node[one])) is None]  # fmt: skip
        return wrong

    def _cancel(self, workspace: str, played: PlayedJob) -> Answer:
        if played.ended:
            raise arm.refused(400, "UserError", f"The job {played.name} is in the state {played.status}.")
        return self._service.work(f"{workspace}/jobs/{played.name}", played.cancel, body=None)

    def _component(self, request: Request, route: Mapping[str, str | None]) -> Answer | None:
        if request.method != "GET":
            return None
        if route["version"]:
            found = self._service.seen().get(request.path)
            if found is None:
                raise arm.refused(404, "ResourceNotFound", f"The component {request.path} was not found.")
            return Answer(body=self._asset(found["id"], found["inputs"], "components"))
        there = [one for id, one in self._service.seen().items() if id.startswith(f"{request.path}/")]
        return Answer(body={"value": [self._asset(one["id"], one["inputs"], "components") for one in there]})

    def _data(self, request: Request, route: Mapping[str, str | None]) -> Answer | None:
        there = self._service.seen().get(request.path)
        if request.method == "GET":
            if there is None:
                raise arm.refused(404, "ResourceNotFound", f"The data asset {request.path} was not found.")
            return Answer(body=self._asset(request.path, there["inputs"], "data"))
        wrong = arm.faults(f"{_TYPE}/data/versions", request.body)
        uri = str(request.body["properties"]["dataUri"])
        try:
            account, container, path = self.places.key(str(route["workspace"]), uri)
            # A folder is where something will be, such as what a data collector writes.
            kind = request.body["properties"]["dataType"]
            needed = f"{path.rstrip('/')}/MLTable" if kind == "mltable" else path
            if kind != "uri_folder" and (account, container, needed) not in self._service.blobs.content:
                wrong.append(f"{uri} is not there")
        except KeyError:
            wrong.append(f"{uri} is no place in a datastore")
        before = self._service.store.resources.get(request.path)
        if before is not None and before["inputs"]["properties"]["dataUri"] != uri:
            wrong.append("Asset paths cannot be updated.")
        if wrong:
            raise arm.refused(400, "UserError", "; ".join(wrong))
        type = "azure-native:machinelearningservices:DataVersion"
        self._service.put({"id": request.path, "urn": "", "type": type, "inputs": request.body, "outputs": {}})
        return Answer(body=self._asset(request.path, request.body, "data"), status=201)

    def _compute(self, request: Request, route: Mapping[str, str | None]) -> Answer:
        found = self._service.store.get(request.path)
        if found is None or request.method != "GET":
            raise arm.refused(404, "ResourceNotFound", f"The compute {route['name']} was not found.")
        properties: Json = found["inputs"].get("properties") or {"computeType": "AmlCompute", "properties": {}}
        errors = [{"error": {"code": "ClusterCoreQuotaReached", "message": self.short}}] if self.short else []
        inner: Json = {**properties.get("properties", {}), "errors": errors, "allocationState": "Steady"}
        return Answer(body={"id": found["id"], "name": route["name"], "type": f"{_TYPE}/computes",
                            "location": "westeurope", "properties": {**properties, "properties": inner}})  # fmt: skip

    def _datastores(self, request: Request, route: Mapping[str, str | None]) -> Answer | None:
        own = self.places.datastore(str(route["workspace"]), route["name"] or OUTPUTS)
        return None if own is None else Answer(body=own if route["name"] else {"value": [own]})

    def _asset(self, id: str, inputs: Mapping[str, Any], kind: str) -> Json:
        system = {**_SYSTEM, "createdAt": inputs.get("created", "2026-11-20T08:00:00Z")}
        return {"id": id, "name": id.rpartition("/")[2], "type": f"{_TYPE}/{kind}/versions",
                "properties": inputs["properties"], "systemData": system}  # fmt: skip

    def body(self, played: PlayedJob) -> Json:
        """A job as ARM answers it."""
        studio = f"https://ml.azure.com/runs/{played.name}?wsid={played.workspace}"
        properties: Json = {
            **played.body["properties"],
            "status": played.status,
            "services": {"Studio": {"endpoint": studio, "jobServiceType": "Studio"}},
        }
        system = {**_SYSTEM, "createdAt": played.created.isoformat()}
        return {"id": f"{played.workspace}/jobs/{played.name}", "name": played.name, "type": f"{_TYPE}/jobs",
                "properties": properties, "systemData": system}  # fmt: skip
