"""Vertex AI's model monitors (v1beta1), their schedules, and the jobs that these begin when a test says so.

The rules are those of the description and of https://cloud.google.com/vertex-ai/docs/model-monitoring. Not published:
with which code a second monitor of a version is refused, and what a job without data says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from groundplan.core import clock

from . import bigquery_log, vertex_monitoring
from .http import Json, RefusedError, Request
from .vertex_monitoring import Figure, Sources
from .vertex_words import named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_CRON = re.compile(r"((CRON_)?TZ=\w+(/\w+)* )?(\S+ ){4}\S+")
_SPAN = re.compile(r"[1-9]\d*[hdwHDW]")
_STARTS_SO = re.compile(r'display_name:"([\w-]+)\*"')
_TYPES = {"float", "integer", "boolean", "string", "categorical"}
_METRICS = {"numericMetricType": {"jensen_shannon_divergence"},
            "categoricalMetricType": {"jensen_shannon_divergence", "l_infinity"}}  # fmt: skip
_CREATED = "2026-01-01T00:00:00Z"
_EMPTY = "type.googleapis.com/google.protobuf.Empty"
_MINUTES = timedelta(minutes=7)
"""So long a job takes."""


class Monitors:
    """Monitors, schedules and jobs by their names, with the figures of each job; ``page`` is the most of a list.

    ``more`` are stats as they are sent beside those figures, ``alone`` figures of which there are alerts only.
    """

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self.monitors: dict[str, Json] = {}
        self.schedules: dict[str, Json] = {}
        self.jobs: dict[str, Json] = {}
        self.figures: dict[str, list[Figure]] = {}
        self.more: list[Json] = []
        self.alone: list[Figure] = []
        self.page = 2
        prefix = "aiplatform.projects.locations"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.modelMonitors.create": self._create,
            f"{prefix}.modelMonitors.get": lambda request: self._monitor(request.path),
            f"{prefix}.modelMonitors.list": self._list,
            f"{prefix}.modelMonitors.patch": self._patch,
            f"{prefix}.modelMonitors.delete": self._delete,
            f"{prefix}.modelMonitors.modelMonitoringJobs.list": self._list_jobs,
            f"{prefix}.modelMonitors.searchModelMonitoringStats": self._stats,
            f"{prefix}.modelMonitors.searchModelMonitoringAlerts": self._alerts,
            f"{prefix}.schedules.create": self._create_schedule,
            f"{prefix}.schedules.list": self._list_schedules,
            f"{prefix}.schedules.patch": self._patch_schedule,
            f"{prefix}.schedules.delete": self._delete_schedule,
        }

    def clear(self) -> None:
        """Nothing is watched."""
        for one in (self.monitors, self.schedules, self.jobs, self.figures, self.more, self.alone):
            one.clear()
        self.page = 2

    def run(self, at: datetime) -> list[str]:
        """The clock strikes: each schedule begins a job; their names."""
        return [self._begin(name, one, at) for name, one in self.schedules.items() if one["state"] == "ACTIVE"]

    def ended(self, called: str, at: datetime, figures: Sequence[Figure]) -> None:
        """A job of the schedule that is called so ended at a moment, with these figures."""
        name = next(name for name, one in self.schedules.items() if one["displayName"] == called)
        job = self.jobs[self._begin(name, self.schedules[name], at - _MINUTES)]
        self._service.operations.pop(f"monitoring {job['name']}")
        job |= {"state": "JOB_STATE_SUCCEEDED", "updateTime": clock.to_text(at)}
        self.figures[job["name"]] = [*figures]

    def _begin(self, schedule: str, told: Json, at: datetime) -> str:
        asked: Json = told["createModelMonitoringJobRequest"]
        monitor = numbered(named(asked["parent"]))
        name = f"{monitor}/modelMonitoringJobs/{9_000 + len(self.jobs)}"
        when = clock.to_text(at)
        job = self.jobs[name] = {
            **asked["modelMonitoringJob"], "name": name, "schedule": schedule, "scheduleTime": when, "createTime": when,
            "updateTime": when, "state": "JOB_STATE_RUNNING",
        }  # fmt: skip

        def end() -> None:
            job["updateTime"] = clock.to_text(at + _MINUTES)
            self._measure(job, self.monitors[monitor], at)

        def fail() -> None:
            job["updateTime"] = clock.to_text(at + _MINUTES)
            self._failed(job, self._service.late_error or {})

        self._service.begin(f"monitoring {name}", name, end, fail)
        return name

    def _measure(self, job: Json, monitor: Json, at: datetime) -> None:
        spec: Json = job["modelMonitoringSpec"]["objectiveSpec"]
        buckets, bigquery = self._service.buckets, self._service.bigquery

        def file(uri: str) -> bytes:
            bucket, _, path = uri.removeprefix("gs://").partition("/")
            if path not in buckets.held(bucket):
                raise ValueError(f"No files match {uri}.")
            return buckets.content[bucket][path].content

        sources = Sources(file=file, query=lambda sql, now: bigquery_log.rows(bigquery, sql, now))
        try:
            self.figures[job["name"]] = vertex_monitoring.measure(spec, monitor["modelMonitoringSchema"], sources, at)
        except (ValueError, RefusedError) as error:
            said = error.answer.body["error"]["message"] if isinstance(error, RefusedError) else str(error)
            self._failed(job, {"code": 9, "message": said})
            return
        job["state"] = "JOB_STATE_SUCCEEDED"

    def _failed(self, job: Json, error: Json) -> None:
        job["state"], job["jobExecutionDetail"] = "JOB_STATE_FAILED", {"error": error}

    def _create(self, request: Request) -> Json:
        where, wanted = _path(request.path).removesuffix("/modelMonitors"), dict(request.body)
        id = request.query.get("modelMonitorId") or str(1_000 + len(self.monitors))
        name = numbered(f"{named(where)}/modelMonitors/{id}")
        if not _ID.fullmatch(id) and not id.isdigit():
            raise refused("INVALID_ARGUMENT", f"Invalid model_monitor_id: {id}")
        self._check_monitor(wanted)
        if name in self.monitors or self._service.busy(name):
            raise refused("ALREADY_EXISTS", f"ModelMonitor {name} already exists.")
        target = wanted["modelMonitoringTarget"]
        if any(one["modelMonitoringTarget"] == target for one in self.monitors.values()):
            raise refused("ALREADY_EXISTS", "There is a ModelMonitor of this model version already.")
        made = {**wanted, "name": name, "createTime": _CREATED, "updateTime": _CREATED}

        def act() -> None:
            self.monitors[name] = made

        return self._service.operate(name, "CreateModelMonitor", act, lambda: made, answers="ModelMonitor", beta=True)

    def _check_monitor(self, wanted: Json) -> None:
        version = wanted.get("modelMonitoringTarget", {}).get("vertexModel", {})
        found = self._service.models.find(f"{version.get('model')}@{version.get('modelVersionId')}")
        wanted["modelMonitoringTarget"] = {
            "vertexModel": {"model": numbered(named(found["name"])), "modelVersionId": found["versionId"]}
        }
        schema: Json = wanted.get("modelMonitoringSchema", {})
        fields = [*schema.get("featureFields", []), *schema.get("predictionFields", [])]
        if not fields or any(one.get("dataType") not in _TYPES or not one.get("name") for one in fields):
            raise refused("INVALID_ARGUMENT", "model_monitoring_schema: fields need a name and a data type.")
        if len(wanted.get("displayName", "")) > 128:
            raise refused("INVALID_ARGUMENT", "display_name has more than 128 characters.")
        if "trainingDataset" in wanted:
            _check_input(wanted["trainingDataset"])

    def _monitor(self, path: str) -> Json:
        name = numbered(named(_path(path).partition(":")[0]))
        found = self.monitors.get(name)
        if found is None:
            raise refused("NOT_FOUND", f"The ModelMonitor {name} does not exist.")
        return found

    def _list(self, request: Request) -> Json:
        return self._paged("modelMonitors", list(self.monitors.values()), request.query)

    def _patch(self, request: Request) -> Json:
        monitor, mask = self._monitor(request.path), request.query.get("updateMask", "").split(",")
        wanted = {**monitor, **{one: request.body[one] for one in mask if one in request.body}}
        known = {"displayName", "trainingDataset", "modelMonitoringSchema", "tabularObjective"}
        if not set(mask) <= known:
            raise refused("INVALID_ARGUMENT", f"update_mask names what cannot be changed: {mask}")
        self._check_monitor(wanted)
        if self._service.busy(monitor["name"]):
            raise refused("FAILED_PRECONDITION", "There are other operations running on the ModelMonitor.")

        def act() -> None:
            for one in mask:
                monitor.pop(one, None)
            monitor.update({one: request.body[one] for one in mask if one in request.body})

        return self._service.operate(
            monitor["name"], "UpdateModelMonitor", act, lambda: monitor, answers="ModelMonitor", beta=True
        )  # fmt: skip

    def _delete(self, request: Request) -> Json:
        monitor = self._monitor(request.path)
        name, mine = monitor["name"], self._schedules_of(monitor["name"])
        if mine and request.query.get("force", "").lower() != "true":
            raise refused("FAILED_PRECONDITION", f"The ModelMonitor {name} has schedules.")
        if self._service.busy(name):
            raise refused("FAILED_PRECONDITION", "There are other operations running on the ModelMonitor.")

        def act() -> None:
            for one in self._schedules_of(name):
                del self.schedules[one]
            for one in [job for job in self.jobs if job.startswith(f"{name}/")]:
                del self.jobs[one]
            del self.monitors[name]

        return self._service.operate(name, "Delete", act, dict, answers=_EMPTY, beta=True)

    def _schedules_of(self, monitor: str) -> list[str]:
        return [
            name for name, one in self.schedules.items()
            if numbered(named(one["createModelMonitoringJobRequest"]["parent"])) == monitor
        ]  # fmt: skip

    def _create_schedule(self, request: Request) -> Json:
        where, wanted = numbered(named(_path(request.path).removesuffix("/schedules"))), dict(request.body)
        self._check_schedule(wanted)
        name = f"{where}/schedules/{4_000_000_000_000_000_000 + len(self.schedules) + len(self.jobs)}"
        made = self.schedules[name] = {**wanted, "name": name, "createTime": clock.to_text(
            datetime.fromisoformat(_CREATED) + timedelta(seconds=len(self.schedules))), "state": "ACTIVE"}  # fmt: skip
        return made

    def _check_schedule(self, wanted: Json) -> None:
        asked: Json = wanted.get("createModelMonitoringJobRequest", {})
        if not wanted.get("displayName") or not int(wanted.get("maxConcurrentRunCount", "0")):
            raise refused("INVALID_ARGUMENT", "display_name and max_concurrent_run_count are required.")
        if not _CRON.fullmatch(wanted.get("cron", "")):
            raise refused("INVALID_ARGUMENT", f"Invalid cron: {wanted.get('cron')}")
        monitor = self._monitor(f"/v1beta1/{asked.get('parent', '')}")
        spec: Json = asked["modelMonitoringJob"]["modelMonitoringSpec"]["objectiveSpec"]
        for one in ("targetDataset", "baselineDataset"):
            _check_input(spec.get(one, {}))
        _check_objective(spec, monitor["modelMonitoringSchema"])

    def _list_schedules(self, request: Request) -> Json:
        found = _STARTS_SO.fullmatch(request.query.get("filter", ""))
        if found is None:
            raise refused("INVALID_ARGUMENT", "the stand-in filters schedules by how their display name starts")
        ours = [one for one in self.schedules.values() if one["displayName"].startswith(found[1])]
        return self._paged("schedules", ours[::-1], request.query)

    def _patch_schedule(self, request: Request) -> Json:
        schedule, mask = self._schedule(request), request.query.get("updateMask", "").split(",")
        if not set(mask) <= {"displayName", "cron", "createModelMonitoringJobRequest", "endTime"}:
            raise refused("INVALID_ARGUMENT", f"update_mask names what cannot be changed: {mask}")
        changed = {one: request.body[one] for one in mask}
        self._check_schedule({**schedule, **changed})
        schedule.update(changed)
        return schedule

    def _delete_schedule(self, request: Request) -> Json:
        name = self._schedule(request)["name"]

        def act() -> None:
            self.schedules.pop(name, None)

        return self._service.operate(name, "Delete", act, dict, answers=_EMPTY, beta=True)

    def _schedule(self, request: Request) -> Json:
        name = numbered(named(_path(request.path)))
        if name not in self.schedules:
            raise refused("NOT_FOUND", f"The Schedule {name} does not exist.")
        return self.schedules[name]

    def _list_jobs(self, request: Request) -> Json:
        monitor = self._monitor(request.path.removesuffix("/modelMonitoringJobs"))["name"]
        mask = [one for one in request.query.get("readMask", "").split(",") if one]
        mine = [one for name, one in self.jobs.items() if name.startswith(f"{monitor}/")]
        shown = [{name: value for name, value in one.items() if not mask or name in mask} for one in mine]
        return self._paged("modelMonitoringJobs", shown, request.query)

    def _stats(self, request: Request) -> Json:
        monitor = self._monitor(request.path)["name"]
        job = request.body.get("statsFilter", {}).get("tabularStatsFilter", {}).get("modelMonitoringJob", "")
        found = [_stat(self.jobs[name], one) for name, one in self._found(monitor, job)]
        return self._paged("monitoringStats", [*found, *self.more], request.body)

    def _alerts(self, request: Request) -> Json:
        monitor, job = self._monitor(request.path)["name"], request.body.get("modelMonitoringJob", "")
        known = [*self._found(monitor, job), *((job, one) for one in self.alone)]
        found = [_alert(self.jobs[name], one) for name, one in known if one.is_alert]
        return {**self._paged("modelMonitoringAlerts", found, request.body), "totalNumberAlerts": str(len(found))}

    def _found(self, monitor: str, job: str) -> list[tuple[str, Figure]]:
        return [
            (name, one) for name, figures in self.figures.items() for one in figures
            if name.startswith(f"{monitor}/") and job in ("", name)
        ]  # fmt: skip

    def _paged(self, key: str, found: Sequence[Json], asked: Mapping[str, Any]) -> Json:
        first = int(asked.get("pageToken") or 0)
        more = {"nextPageToken": str(first + self.page)} if first + self.page < len(found) else {}
        return {key: [dict(one) for one in found[first : first + self.page]], **more}


def _stat(job: Json, one: Figure) -> Json:
    point: Json = {
        "currentStats": {"distributionValue": {"distributionDeviation": one.value}},
        "createTime": job["updateTime"], "modelMonitoringJob": job["name"], "schedule": job["schedule"],
        "algorithm": one.algorithm, "thresholdValue": one.threshold, "hasAnomaly": one.is_alert,
    }  # fmt: skip
    if one.objective == "feature-attribution":
        point["currentStats"] = {"doubleValue": one.value}
    return {"tabularStats": {"statsName": one.column, "objectiveType": one.objective, "dataPoints": [point]}}


def _alert(job: Json, one: Figure) -> Json:
    return {
        "statsName": one.column, "objectiveType": one.objective, "alertTime": job["updateTime"],
        "anomaly": {
            "modelMonitoringJob": job["name"], "algorithm": one.algorithm,
            "tabularAnomaly": {
                "summary": f"{one.column} drifted", "anomaly": one.value, "triggerTime": job["updateTime"],
                "condition": {"threshold": one.threshold},
            },
        },
    }  # fmt: skip


def _check_input(given: Json) -> None:
    dataset: Json = given.get("columnizedDataset", {})
    if ("gcsSource" in dataset) == ("bigquerySource" in dataset):
        raise refused("INVALID_ARGUMENT", "At least one source of dataset must be provided.")
    times: Json = given.get("timeOffset", {})
    if any(not _SPAN.fullmatch(one) for one in times.values()) or (times and not dataset.get("timestampField")):
        raise refused("INVALID_ARGUMENT", f"Invalid time_offset: {times}")


def _check_objective(spec: Json, schema: Json) -> None:
    objective: Json = spec.get("tabularObjective", {})
    fields = {"featureDriftSpec": "featureFields", "predictionOutputDriftSpec": "predictionFields",
              "featureAttributionSpec": "featureFields"}  # fmt: skip
    for name, one in objective.items():
        known = {field["name"] for field in schema.get(fields[name], [])}
        if not set(one.get("features", [])) <= known:
            raise refused("INVALID_ARGUMENT", f"{name} names features that are not in the schema.")
        for metric, allowed in _METRICS.items() if name != "featureAttributionSpec" else ():
            if one.get(metric) not in allowed:
                raise refused("INVALID_ARGUMENT", f"The metric type is not supported {one.get(metric)}")
    if not objective or ("featureAttributionSpec" in objective and "explanationSpec" not in spec):
        raise refused("INVALID_ARGUMENT", "An objective is required, and for feature attributions an explanation_spec.")


def _path(path: str) -> str:
    return path.removeprefix("/v1beta1/")
