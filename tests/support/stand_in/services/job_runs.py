"""How a job of the stand-in goes on: which step may start, what it is given, what it leaves, how all of it ends."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import job_steps
from .http import Json
from .job_places import ARTIFACTS, OUTPUTS
from .job_steps import Step

if TYPE_CHECKING:
    from .azureml import AzureMLService
    from .jobs import Jobs

_ENDS = ("Completed", "Failed", "Canceled")
_LAST_LINES = 5


@dataclass(kw_only=True)
class PlayedJob:
    """A job; ``steps`` are those that have a run, by their nodes, ``schedule`` the name of what started it."""

    service: AzureMLService
    jobs: Jobs
    workspace: str
    name: str
    body: Json
    schedule: str = ""
    status: str = "NotStarted"
    error: Json | None = None
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    created: datetime = field(init=False)
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        self.created = self.jobs.now()

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self.status in _ENDS

    @property
    def nodes(self) -> dict[str, Json]:
        """The nodes of the registered pipeline."""
        found: dict[str, Json] = self._component(self.body["properties"]["componentId"])["jobs"]
        return found

    def cancel(self) -> None:
        """Stop what runs."""
        if not self.ended:
            self._stop("Canceled", "The job was canceled by ci@example.com.")

    def go_on(self) -> None:
        """One stage further."""
        if self.ended:
            return
        if self.status == "NotStarted":
            self.status = "Running"
            return
        if self.jobs.early_error is not None:
            self.error = self.jobs.early_error
            self._end("Failed")
            return
        for step in self.steps.values():
            self._advance(step)
        failed = next((one for one in self.steps.values() if one.status == "Failed"), None)
        if failed is not None:
            self.error = {"code": "UserError", "message": f"Pipeline has some failed steps: {failed.name}."}
            self._stop("Failed", "")
        elif len(self.steps) == len(self.nodes) and all(one.status == "Completed" for one in self.steps.values()):
            self.error = self.jobs.late_error
            self._end("Completed" if self.error is None else "Failed")
        else:
            self._begin()

    def _begin(self) -> None:
        """Give a run to each step that waits for nothing any more."""
        done = {node for node, one in self.steps.items() if one.status == "Completed"}
        for name, node in self.nodes.items():
            if name not in self.steps and job_steps.needs(node) <= done:
                self.steps[name] = self._made(name, node)

    def _made(self, name: str, node: Json) -> Step:
        spec = self._component(node["componentId"])
        inputs = {port: self._value(one["value"]) for port, one in node.get("inputs", {}).items()}
        key = hashlib.sha256(json.dumps([node["componentId"], inputs], sort_keys=True).encode()).hexdigest()
        number = sum(len(one.steps) for one in self.jobs.played.values())
        id = hashlib.sha256(f"{self.name}/{name}/{number}".encode()).hexdigest()[:32]
        made = Step(id=id, name=node["display_name"], node=node, spec=spec, inputs=inputs, key=key)
        earlier = self._earlier(made)
        if earlier is not None:
            made.reused, made.outputs, made.log = earlier.reused or earlier.id, earlier.outputs, earlier.log
            made.status, made.started, made.ended = "Completed", self.jobs.now(), self.jobs.now()
        return made

    def _earlier(self, step: Step) -> Step | None:
        """An earlier step of any job whose outputs will do."""
        settings: Json = self.body["properties"].get("settings") or {}
        if settings.get("force_rerun") or not step.spec.get("is_deterministic", True):
            return None
        all_steps = (one for job in self.jobs.played.values() for one in job.steps.values())
        return next((one for one in all_steps if one.key == step.key and one.status == "Completed"), None)

    def _value(self, binding: str) -> str:
        """A parameter's text, or where a file is: an earlier step's output, or what the job was given."""
        node, port = job_steps.bound(binding)
        if node:
            return self.steps[node].outputs[port]
        inputs: Json = self.body["properties"].get("inputs") or {}
        given: Json = inputs.get(port, {})
        spec: Json = self._component(self.body["properties"]["componentId"])["inputs"][port]
        return str(given.get("value", given.get("uri", spec.get("default"))))

    def _advance(self, step: Step) -> None:
        if step.status == "Queued" and not self.jobs.short:
            step.status, step.started = "Running", self.jobs.now()
            self._run(step)
        elif step.status == "Running" and not self.jobs.endless:
            step.ended = self.jobs.now()
            step.status = "Failed" if step.error else "Completed"

    def _run(self, step: Step) -> None:
        places = self.jobs.places
        with tempfile.TemporaryDirectory() as top:
            folder = Path(top)
            try:
                code = self._code(step, folder)
                inputs = {port: self._arrived(step, port, folder) for port in step.inputs}
            except KeyError as error:
                step.error = f"Data access failed: {error.args[0]} was not found."
                return
            result = job_steps.run(step, inputs, code=code, folder=folder / "outputs")
            step.log = result.printed
            log = f"ExperimentRun/dcid.{step.id}/user_logs/std_log.txt"
            account, container, _ = places.key(self.workspace, f"azureml://datastores/{ARTIFACTS}/paths/{log}")
            self.service.blobs.put(account, container, log, step.log.encode())
            for port, path in result.outputs.items():
                uri = f"azureml://datastores/{OUTPUTS}/paths/azureml/{step.id}/{port}"
                uri += "/" if step.spec["outputs"][port]["type"] in job_steps.FOLDERS else ""
                if path.exists():
                    places.leave(places.key(self.workspace, uri), path)
                    step.outputs[port] = uri
        if result.code is None:
            step.error = f"Job timed out: it ran longer than {step.limit:.0f} seconds."
        elif result.code:
            said = "\n".join(step.log.splitlines()[-_LAST_LINES:])
            step.error = (
                f"Execution failed. User process 'bash' exited with status code {result.code}. Please check log file "
                f"'user_logs/std_log.txt' for error details. Error: {said}"
            )

    def _code(self, step: Step, folder: Path) -> Path:
        """The working folder, with the code that the component names."""
        if "code" not in step.spec:
            (folder / "code").mkdir()
            return folder / "code"
        asset = self.service.store.get(str(step.spec["code"]).removeprefix("azureml:"))
        if asset is None:
            raise KeyError(step.spec["code"])
        uri = asset["inputs"]["properties"]["codeUri"]
        return self.jobs.places.arrive(self.jobs.places.key(self.workspace, uri), folder)

    def _arrived(self, step: Step, port: str, folder: Path) -> str:
        if step.spec["inputs"][port]["type"] == "string":
            return step.inputs[port]
        key = self.jobs.places.key(self.workspace, step.inputs[port])
        return str(self.jobs.places.arrive(key, folder / "inputs" / port))

    def _component(self, id: str) -> Any:
        found = self.service.store.get(id)
        assert found is not None, id
        return found["inputs"]["properties"]["componentSpec"]

    def _stop(self, status: str, reason: str) -> None:
        for one in self.steps.values():
            if one.status not in _ENDS:
                one.status, one.ended = "Canceled", self.jobs.now()
                one.error = reason
        self._end(status)

    def _end(self, status: str) -> None:
        self.status, self.ended_at = status, self.jobs.now()
