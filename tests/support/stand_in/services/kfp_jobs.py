"""One pipeline job as it is played: its tasks wait, run and end from one look to the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from groundplan.core import clock

from .google_telemetry import Telemetry
from .http import Json
from .kfp_containers import Given, Machines
from .vertex_words import numbered

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
_DONE = ("SUCCEEDED", "SKIPPED")
_FAST = ("PIPELINE_FAILURE_POLICY_FAIL_FAST", 2)
_TASK_FAILED = (
    "The replica workerpool0-0 exited with a non-zero status of {code}. To find out more about why your job exited "
    "please check the logs."
)
_JOB_FAILED = "The DAG failed because some tasks failed. The failed tasks are: [{names}]."


@dataclass
class Results:
    """What tasks of all jobs wrote, by what they were given; and how many artifacts and machines there were."""

    kept: dict[str, Json] = field(default_factory=dict[str, Json])
    imported: dict[str, Json] = field(default_factory=dict[str, Json])
    counted: int = 0

    def clear(self) -> None:
        """Nothing is kept."""
        self.kept.clear()
        self.imported.clear()

    def number(self) -> int:
        """One that nothing else has."""
        self.counted += 1
        return self.counted


@dataclass(kw_only=True)
class Task:
    """One task of a job."""

    name: str
    spec: Json
    component: Json
    executor: Json
    id: int
    state: str = ""
    left: float = 0
    code: int = 0
    jobs: list[str] = field(default_factory=list[str])
    inputs: Json = field(default_factory=dict[str, Any])
    outputs: Json = field(default_factory=dict[str, Any])
    times: dict[str, str] = field(default_factory=dict[str, str])
    skew: timedelta = timedelta()

    def now(self, state: str) -> None:
        """It is in this state from now on."""
        self.state = state
        moment = clock.to_text(clock.now() + self.skew)
        self.times.setdefault("createTime", moment)
        if state in ("RUNNING", "SKIPPED", "SUCCEEDED"):
            self.times.setdefault("startTime", moment)
        if state not in ("PENDING", "RUNNING"):
            self.times["endTime"] = moment

    def shown(self) -> Json:
        """As ``taskDetails`` has it."""
        found: Json = {"taskId": str(self.id), "taskName": self.name, "state": self.state, **self.times}
        if self.jobs:
            failed, main = self.jobs[:-1], self.jobs[-1]
            found["executorDetail"] = {"containerDetail": {"mainJob": main, "failedMainJobs": failed}}
        if self.state in _DONE:
            found["outputs"] = {name: {"artifacts": [one]} for name, one in self.outputs.items()}
        if self.state == "FAILED":
            found["error"] = {"code": 9, "message": _TASK_FAILED.format(code=self.code)}
        return found


@dataclass(kw_only=True)
class PlayedJob:
    """A job. ``asked`` is what it was made from, ``context`` what the metadata store has of it, ``schedule`` the name
    of the schedule that started it.

    ``skew`` is how far the cloud's clock goes wrong.
    """

    name: str
    asked: Json
    context: Json
    machines: Machines
    telemetry: Telemetry
    results: Results
    looks: float
    late_error: Json | None
    skew: timedelta
    schedule: str = ""
    state: str = "PENDING"
    error: Json | None = None

    def __post_init__(self) -> None:
        self._made = self._now()
        self._times: dict[str, str] = {}
        self._spec: Json = self.asked["pipelineSpec"]
        executors = self._spec["deploymentSpec"]["executors"]
        self.tasks = {
            name: Task(
                name=name, spec=task, component=(component := self._spec["components"][task["componentRef"]["name"]]),
                executor=executors[component["executorLabel"]], id=self.results.number(), skew=self.skew,
            )
            for name, task in self._spec["root"]["dag"]["tasks"].items()
        }  # fmt: skip

    def go_on(self) -> None:
        """What happens until the next look."""
        if self.state in ENDED:
            return
        self._times.setdefault("startTime", self._now())
        if self.state == "CANCELLING":
            self._stop()
        elif self.state == "PENDING":
            self.state = "RUNNING"
        elif self.late_error is not None:
            self._end("FAILED", self.late_error)
        else:
            self._work()

    def shown(self) -> Json:
        """As the service answers it."""
        root: Json = {
            "taskId": "-1", "taskName": self._spec["pipelineInfo"]["name"],
            "state": self.state if self.state in ("RUNNING", *ENDED) else "PENDING",
        }  # fmt: skip
        details = [root, *(one.shown() for one in self.tasks.values() if one.state)]
        return {
            **self.asked,
            "name": numbered(self.name),
            "createTime": self._made,
            "updateTime": self._now(),
            **self._times,
            "state": f"PIPELINE_STATE_{self.state}",
            "jobDetail": {"pipelineRunContext": self.context, "taskDetails": details},
            **({} if self.error is None else {"error": self.error}),
            **({"scheduleName": numbered(self.schedule)} if self.schedule else {}),
        }

    @property
    def made(self) -> str:
        """When it was created."""
        return self._made

    def _now(self) -> str:
        return clock.to_text(clock.now() + self.skew)

    def _stop(self) -> None:
        for task in self.tasks.values():
            if task.state in ("PENDING", "RUNNING"):
                task.now("CANCELLED")
        self._end("CANCELLED")

    def _work(self) -> None:
        for task in self._in("RUNNING"):
            task.left -= 1
            if task.left <= 0:
                self._finish(task)
        for task in self._in("PENDING"):
            self._start(task)
        while ready := [task for task in self._in("") if self._is_ready(task)]:
            for task in ready:
                self._begin(task)
        if not self._in("PENDING", "RUNNING"):
            self._conclude()

    def _conclude(self) -> None:
        failed = [task.name for task in self._in("FAILED")]
        for task in self._in(""):
            task.now("NOT_TRIGGERED")
        if failed:
            self._end("FAILED", {"code": 9, "message": _JOB_FAILED.format(names=", ".join(failed))})
        else:
            self._end("SUCCEEDED")

    def _end(self, state: str, error: Json | None = None) -> None:
        self.state, self.error = state, error
        self._times["endTime"] = self._now()

    def _in(self, *states: str) -> list[Task]:
        return [one for one in self.tasks.values() if one.state in states]

    def _is_ready(self, task: Task) -> bool:
        if self._in("FAILED") and self.asked["runtimeConfig"].get("failurePolicy") in _FAST:
            return False
        return all(self.tasks[one].state in _DONE for one in task.spec.get("dependentTasks", []))

    def _begin(self, task: Task) -> None:
        task.inputs = {
            port: self.tasks[source["producerTask"]].outputs[source["outputArtifactKey"]]
            for port, source in self._sources(task)
        }
        if "importer" in task.executor:
            task.outputs = {"artifact": self._imported(task)}
            task.now("SUCCEEDED")
            return
        kept = self.results.kept.get(self._key(task))
        if kept is not None and task.spec.get("cachingOptions", {}).get("enableCache"):
            task.outputs = kept
            task.now("SKIPPED")
            return
        task.now("PENDING")

    def _start(self, task: Task) -> None:
        task.left = self.looks
        task.now("RUNNING")
        definitions = task.component.get("outputDefinitions", {}).get("artifacts", {})
        folder = f"{self.asked['runtimeConfig']['gcsOutputDirectory']}/{numbered(self.name).split('/')[1]}"
        folder = f"{folder}/{self.name.rpartition('/')[2]}/{task.name}_{task.id}"
        task.outputs = {
            port: self._artifact(f"{folder}/{port}", one["artifactType"]["schemaTitle"])
            for port, one in definitions.items()
        }
        given = Given(
            parameters=self._parameters(task),
            inputs={port: one["uri"] for port, one in task.inputs.items()},
            outputs={port: one["uri"] for port, one in task.outputs.items()},
        )
        for _ in range(1 + int(task.spec.get("retryPolicy", {}).get("maxRetryCount", 0))):
            number = str(7_000_000_000_000_000_000 + self.results.number())
            task.jobs.append(f"{numbered(self.name).partition('/pipelineJobs/')[0]}/customJobs/{number}")
            ended = self.machines.run(task.executor["container"], given)
            task.code = ended.code
            self.telemetry.printed(self.name.split("/")[1], number, ended.lines)
            if ended.code == 0:
                break

    def _finish(self, task: Task) -> None:
        task.now("FAILED" if task.code else "SUCCEEDED")
        if not task.code:
            self.results.kept[self._key(task)] = task.outputs

    def _sources(self, task: Task) -> Iterator[tuple[str, Json]]:
        for port, source in task.spec.get("inputs", {}).get("artifacts", {}).items():
            yield port, source["taskOutputArtifact"]

    def _parameters(self, task: Task) -> dict[str, str]:
        given = self.asked["runtimeConfig"].get("parameterValues", {})
        defined = self._spec["root"].get("inputDefinitions", {}).get("parameters", {})
        found: dict[str, str] = {}
        for name, source in task.spec.get("inputs", {}).get("parameters", {}).items():
            channel = source.get("componentInputParameter")
            constant = source.get("runtimeValue", {}).get("constant")
            found[name] = constant if channel is None else given.get(channel, defined[channel].get("defaultValue"))
        return found

    def _imported(self, task: Task) -> Json:
        """An artifact for a URI: the one that there is, unless it is to be imported anew."""
        importer = task.executor["importer"]
        uri = importer["artifactUri"].get("constant") or self._parameters(task)["uri"]
        known = None if importer.get("reimport") else self.results.imported.get(uri)
        found = known or self._artifact(uri, importer["typeSchema"]["schemaTitle"])
        self.results.imported.setdefault(uri, found)
        return found

    def _artifact(self, uri: str, schema: str) -> Json:
        store = numbered(self.name).partition("/pipelineJobs/")[0] + "/metadataStores/default"
        return {
            "name": f"{store}/artifacts/{self.results.number()}", "uri": uri, "schemaTitle": schema,
            "schemaVersion": "0.0.1", "state": "LIVE",
        }  # fmt: skip

    def _key(self, task: Task) -> str:
        given = [task.executor, task.component, self._parameters(task),
                 {port: one["name"] for port, one in task.inputs.items()}]  # fmt: skip
        return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
