"""Vertex AI's pipeline jobs: they go on as they are looked at, and their containers really run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundplan.core import clock

from .http import Json, Request
from .kfp_containers import Machines
from .kfp_jobs import ENDED, PlayedJob, Results
from .vertex_words import check_labels, named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_SCHEDULE = "colab/schedule:Schedule"
_TERM = re.compile(r'(display_name|create_time)(=|>=|<=)"([^"]*)"')


class PipelineJobs:
    """The jobs of all projects and regions by their names.

    ``looks`` is how many looks a step takes; infinity never ends. A job that begins while there is a ``late_error``
    ends in it before a step of it starts; ``unseen`` is how many looks do not see yet a job that was made,
    ``skew`` how far the cloud's clock goes wrong.
    """

    def __init__(self, service: VertexService, folder: Path) -> None:
        self._service = service
        self._machines = Machines(folder, service.buckets)
        self.content: dict[str, PlayedJob] = {}
        self.results = Results()
        self.looks: float = 1
        self.late_error: Json | None = None
        self.unseen = 0
        self.skew = timedelta()
        self.page = 100
        prefix = "aiplatform.projects.locations.pipelineJobs"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.create": self._create,
            f"{prefix}.get": self._get,
            f"{prefix}.list": self._list,
            f"{prefix}.cancel": self._cancel,
        }

    def clear(self) -> None:
        """Nothing runs or ran."""
        self.content.clear()
        self.results.clear()
        self.looks, self.late_error, self.unseen, self.skew, self.page = 1, None, 0, timedelta(), 100

    def _create(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/pipelineJobs"))
        id, asked = request.query.get("pipelineJobId", ""), request.body
        if not _ID.fullmatch(id):
            raise refused("INVALID_ARGUMENT", f"Invalid pipeline_job_id {id!r}: expected {_ID.pattern}.")
        name = f"{where}/pipelineJobs/{id}"
        if name in self.content:
            raise refused("ALREADY_EXISTS", f"The PipelineJob {numbered(name)} already exists.")
        return self._begun(name, asked).shown()

    def _begun(self, name: str, asked: Json, schedule: str = "") -> PlayedJob:
        self._check(asked)
        where, _, id = name.partition("/pipelineJobs/")
        context = self._service.contexts.of_job(f"{where}/metadataStores/default", id)
        self.content[name] = PlayedJob(
            name=name, asked=asked, context=context, machines=self._machines, telemetry=self._service.telemetry,
            results=self.results, looks=self.looks, late_error=self.late_error, skew=self.skew, schedule=schedule,
        )  # fmt: skip
        return self.content[name]

    def fire(self, title: str) -> str:
        """It is time for the schedule of this display name: its job begins; the job's name."""
        (found,) = (one for one in self._service.store.of_type(_SCHEDULE) if one["inputs"]["displayName"] == title)
        asked: Json = dict(found["inputs"]["createPipelineJobRequest"]["pipelineJob"])
        asked["pipelineSpec"] = json.loads(asked["pipelineSpec"])
        where = "/".join(found["id"].split("/")[:4])
        name = f"{where}/pipelineJobs/{title}-{clock.now() + self.skew:%Y%m%d%H%M%S}-{len(self.content)}"
        return self._begun(name, asked, found["id"]).name

    def _list(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/pipelineJobs"))
        terms = request.query.get("filter", "").split(" AND ")
        found = [_TERM.fullmatch(one) for one in terms]
        if request.query.get("orderBy") != "create_time desc" or None in found:
            raise refused("INVALID_ARGUMENT", f"The stand-in does not list by {request.query}.")
        there = [one for name, one in self.content.items() if name.startswith(f"{where}/")]
        chosen = [one for one in there if all(_fits(one, term[1], term[2], term[3]) for term in found if term)]
        chosen.sort(key=lambda one: one.made, reverse=True)
        begin, size = int(request.query.get("pageToken", 0)), min(int(request.query["pageSize"]), self.page)
        more = {"nextPageToken": str(begin + size)} if begin + size < len(chosen) else {}
        return {"pipelineJobs": [one.shown() for one in chosen[begin : begin + size]], **more}

    def _check(self, asked: Json) -> None:
        check_labels(asked.get("labels", {}))
        if "network" in asked and "pscInterfaceConfig" in asked:
            raise refused("INVALID_ARGUMENT", "network and psc_interface_config cannot be set both.")
        root = asked.get("runtimeConfig", {}).get("gcsOutputDirectory", "")
        if not root.startswith("gs://") or self._service.store.get(root.split("/")[2]) is None:
            raise refused("INVALID_ARGUMENT", f"The pipeline root {root!r} is not in a bucket that exists.")
        self._check_spec(asked.get("pipelineSpec", {}), asked["runtimeConfig"].get("parameterValues", {}))
        account = asked.get("serviceAccount", "")
        known = {one["outputs"].get("email") for one in self._service.store.of_type("serviceaccount/account:Account")}
        if account not in known:
            raise refused("INVALID_ARGUMENT", f"Service account {account} does not exist.")

    def _check_spec(self, spec: Json, values: Json) -> None:
        missing = {"pipelineInfo", "root", "components", "deploymentSpec", "schemaVersion"} - set(spec)
        if missing:
            raise refused("INVALID_ARGUMENT", f"pipeline_spec lacks {sorted(missing)}.")
        defined: dict[str, Any] = spec["root"].get("inputDefinitions", {}).get("parameters", {})
        unknown = sorted(set(values) - set(defined))
        absent = sorted(name for name, one in defined.items() if name not in values and "defaultValue" not in one)
        texts = {name for name, one in defined.items() if one["parameterType"] == "STRING"}
        strange = sorted(name for name, one in values.items() if name in texts and not isinstance(one, str))
        if unknown or absent or strange:
            raise refused("INVALID_ARGUMENT", f"Parameters: unknown {unknown}, absent {absent}, of another type "
                          f"{strange}.")  # fmt: skip

    def _get(self, request: Request) -> Json:
        job = self._find(request.path.removeprefix("/v1/"))
        if self.unseen:
            self.unseen -= 1
            raise refused("NOT_FOUND", f"The PipelineJob {numbered(job.name)} does not exist.")
        job.go_on()
        return job.shown()

    def _cancel(self, request: Request) -> Json:
        job = self._find(request.path.removeprefix("/v1/").removesuffix(":cancel"))
        if job.state in ENDED:
            raise refused("FAILED_PRECONDITION", f"The PipelineJob is in state {job.state} and cannot be cancelled.")
        job.state = "CANCELLING"
        return {}

    def _find(self, path: str) -> PlayedJob:
        name = named(path)
        if name not in self.content:
            raise refused("NOT_FOUND", f"The PipelineJob {numbered(name)} does not exist.")
        return self.content[name]


def _fits(job: PlayedJob, name: str, operator: str, value: str) -> bool:
    """Whether a term of a filter takes a job; moments are in one form, which sorts as it happened."""
    there: str = job.asked["displayName"] if name == "display_name" else job.made
    return there == value if operator == "=" else there >= value if operator == ">=" else there <= value
