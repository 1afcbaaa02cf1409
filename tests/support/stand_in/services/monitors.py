"""Runs of Azure ML's monitors: pipelines that take time, and leave figures as their published components write them.

By Azure/azureml-assets, assets/model_monitoring: model_monitor_output_metrics writes a file for each signal,
model_monitor_create_manifest puts them together. What the service calls the steps of such a pipeline, and that it runs
the latter in it, stands nowhere: it is an assumption.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from .http import Json
from .job_places import OUTPUTS
from .job_runs import PlayedJob
from .job_steps import Step

if TYPE_CHECKING:
    from .azureml import AzureMLService

_SIGNAL, _TOGETHER = "signal_output", "model_monitor_metrics_output"
_NUMBER = float | None


@dataclass(kw_only=True)
class PlayedMonitor(PlayedJob):
    """A run. ``signals`` are the files that it leaves by their names; ``problem`` fails it, ``tags`` say more of that.

    It ends when it was looked at ``looks`` times, at ``ends`` where that is given.
    """

    signals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    manifest: Any = None
    problem: str = ""
    tags: dict[str, str] = field(default_factory=dict[str, str])
    looks: int = 0
    ends: datetime | None = None

    @classmethod
    def of(cls, service: AzureMLService, workspace: str, schedule: str, trigger: str, **more: Any) -> Self:
        """The run that a schedule begins at a time."""
        name = hashlib.sha256(f"{schedule}/{trigger}".encode()).hexdigest()[:32]
        properties: Json = {"jobType": "Pipeline", "displayName": f"{schedule}-{trigger}", "experimentName": schedule,
                      "jobs": {}, "inputs": {}, "outputs": {}, "settings": {}, "tags": {}}  # fmt: skip
        body = {"properties": properties}
        made = cls(
            service=service, jobs=service.jobs, workspace=workspace, name=name, body=body, schedule=schedule, **more
        )
        made.created = datetime.strptime(trigger, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return made

    def go_on(self) -> None:
        """One look nearer to its end."""
        if self.ended:
            return
        self.status = "Running"
        if self.looks > 0:
            self.looks -= 1
            return
        if self.problem:
            self.error = {"code": "UserError", "message": self.problem}
            self._end("Failed")
        else:
            self._leave()
            self._end("Completed")
        self.ended_at = self.ends or self.ended_at

    def _leave(self) -> None:
        """A step for each signal, and the one that puts them together."""
        files = {f"signals/{name}.json": content for name, content in self.signals.items()}
        for name, content in self.signals.items():
            self._step(f"{name}_signal_monitor", _SIGNAL, {f"signals/{name}.json": content})
        listed = {"version": "1.0.0", "metricsFiles": {name: f"signals/{name}.json" for name in self.signals}}
        self._step("create_manifest", _TOGETHER, {**files, "manifest.json": self.manifest or listed})

    def _step(self, name: str, port: str, files: Mapping[str, Any]) -> None:
        id = hashlib.sha256(f"{self.name}/{name}".encode()).hexdigest()[:32]
        place = f"azureml://datastores/{OUTPUTS}/paths/azureml/{id}/{port}/"
        account, container, path = self.jobs.places.key(self.workspace, place)
        for file, content in files.items():
            text = content if isinstance(content, bytes) else json.dumps(content, indent=4).encode()
            self.service.blobs.put(account, container, f"{path}{file}", text)
        spec = {"outputs": {port: {"type": "uri_folder"}}}
        self.steps[name] = Step(
            id=id, name=name, node={"computeId": "serverless"}, spec=spec, inputs={}, key=id, status="Completed",
            started=self.created, ended=self.jobs.now(), outputs={port: place},
        )  # fmt: skip


def drift(signal: str, kind: str, features: Mapping[str, tuple[str, _NUMBER, _NUMBER]], *, rows: int) -> Json:
    """The file of a signal of drift; of each feature the metric, its value and the threshold."""
    return _file(signal, kind, {
        "features": {
            name: {
                "dataType": "Numerical", "histogram": f"signals/{signal}/{name}.histogram.json",
                "metrics": [
                    {"metricName": metric, "metricValue": value, "threshold": threshold},
                    {"metricName": "BaselineFeatureImportance", "metricValue": 0},
                ],
                "runMetrics": [_reference(signal, name, metric)],
            }
            for name, (metric, value, threshold) in features.items()
        },
        "rowCount": {"baselineCount": 455.0, "targetCount": float(rows)},
    })  # fmt: skip


def quality(signal: str, features: Mapping[str, Mapping[str, tuple[float, float, float]]], *, rows: int) -> Json:
    """The file of a signal of quality; of each feature and share its value, that of the reference, the threshold."""
    return _file(signal, "DataQuality", {
        "features": {
            name: {
                "dataType": "Numerical",
                "metrics": [
                    {"metricName": metric, "targetValue": now, "baselineValue": before, "threshold": threshold}
                    for metric, (now, before, threshold) in shares.items()
                ],
                "runMetrics": [_reference(signal, name, metric) for metric in shares],
            }
            for name, shares in features.items()
        },
        "rowCount": {"baselineCount": 455.0, "targetCount": float(rows)},
    })  # fmt: skip


def attribution(signal: str, ndcg: float | None, features: Mapping[str, tuple[float, float]], *, rows: int) -> Json:
    """The file of a signal of attributions; of each feature its importance before and now. It has no threshold."""
    metric = "NormalizedDiscountedCumulativeGain"
    return _file(signal, "FeatureAttributionDrift", {
        metric: {"metricValue": ndcg, **_reference(signal, "", metric), "threshold": float("nan")},
        "features": {
            name: {
                "dataType": "numerical",
                "metrics": [
                    {"metricName": "BaselineFeatureImportance", "metricValue": before},
                    {"metricName": "ProductionFeatureImportance", "metricValue": now},
                ],
                "runMetrics": [],
            }
            for name, (before, now) in features.items()
        },
        "rowCount": {"baselineCount": 455.0, "targetCount": float(rows)},
    })  # fmt: skip


def _file(signal: str, kind: str, metrics: Json) -> Json:
    return {"signalName": signal, "signalType": kind, "version": "1.0.0", "metrics": metrics}


def _reference(signal: str, feature: str, metric: str) -> Json:
    run = hashlib.sha256(f"{signal}/{feature}/{metric}".encode()).hexdigest()[:32]
    return {"runId": run, "metricName": metric, "runMetricName": "value"}
