"""Azure ML's model performance signal: what it takes, and its components played over the files that are really there.

The signal is in the interface of 2023-06-01-preview, by which the SDK asks, and in no later description. The components
(Azure/azureml-assets, assets/model_monitoring): model_data_collector_preprocessor reads the hours of the window,
model_monitor_data_joiner joins by the columns that are named, model_performance_compute_metrics measures, and
model_monitor_metric_outputter writes. That the service puts them together so stands nowhere: it is an assumption.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml
from groundplan.core.extras import load

from .http import Json
from .job_places import Places

if TYPE_CHECKING:
    from .azureml import AzureMLService

_KNOWN = {"signalType", "productionData", "referenceData", "metricThreshold", "properties"}
_DATA = {"inputDataType", "dataContext", "jobInputType", "uri", "columns"}
_WINDOW = {"windowSize", "windowOffset"}
_THRESHOLDS = "azureml.modelmonitor.model_performance_thresholds"
_METRICS: Mapping[str, tuple[str, ...]] = {
    "Classification": ("Accuracy", "Precision", "Recall"), "Regression": ("MeanAbsoluteError", "RootMeanSquaredError"),
}  # fmt: skip


def apart(body: Json) -> tuple[Json, list[str]]:
    """A schedule without its signals of performance, and what is wrong with these."""
    rest = copy.deepcopy(body)
    definition: Json = rest["properties"]["action"].get("monitorDefinition") or {}
    signals: Json = definition.get("signals", {})
    mine = [name for name, one in signals.items() if one.get("signalType") == "ModelPerformance"]
    return rest, [wrong for name in mine for wrong in _faults(signals.pop(name))]


def measured(service: AzureMLService, schedule: str, trigger: str) -> Json:
    """The file that a run of a schedule leaves which begins at a time. Raises LookupError where nothing is joined."""
    definition: Json = service.schedules.of(schedule)["action"]["monitorDefinition"]
    ((name, signal),) = definition["signals"].items()
    (produced,), reference = signal["productionData"], signal["referenceData"]
    workspace = schedule.partition("/schedules/")[0]
    answers = _collected(service, workspace, produced, datetime.fromisoformat(trigger))
    truths = _table(service, workspace, reference)
    left, right = produced["columns"], reference["columns"]
    joined = [
        (one[right["target_column"]], other[left["target_column"]])
        for other in answers for one in truths if one[right["join_column"]] == other[left["join_column"]]
    ]  # fmt: skip
    if not joined:
        raise LookupError("The data joiner resulted in an empty data asset.")
    limits = {one["metric"]: one["threshold"]["value"] for one in json.loads(signal["properties"][_THRESHOLDS])}
    # The published pipeline hands precision the threshold of accuracy.
    limits["Precision"] = limits.get("Accuracy")
    return {"signalName": name, "signalType": "ModelPerformance", "version": "1.0.0", "metrics": {
        metric: _figure(value, limits.get(metric))
        for metric, value in _values(definition["monitoringTarget"]["taskType"], joined).items()
    }}  # fmt: skip


def _faults(signal: Json) -> list[str]:
    data = [*signal.get("productionData", []), signal.get("referenceData", {})]
    wrong = [f"unknown property {one}" for one in signal.keys() - _KNOWN]
    wrong += [f"property {one} is missing" for one in _KNOWN - signal.keys()]
    wrong += [f"unknown property {name}" for one in data for name in one.keys() - _DATA - _WINDOW]
    wrong += [f"property {name} is missing" for one in data for name in _DATA - one.keys()]
    wrong += [f"property {name} is missing" for one in data[:-1] for name in _WINDOW - one.keys()]
    wrong += [f"no column {name}" for one in data for name in ("target_column", "join_column")
              if name not in one.get("columns", {})]  # fmt: skip
    limits: list[Json] = json.loads(signal.get("properties", {}).get(_THRESHOLDS, "[]"))
    known = {(kind.lower(), metric) for kind, metrics in _METRICS.items() for metric in metrics}
    wrong += [f"no threshold for {one}" for one in limits if (one["modelType"], one["metric"]) not in known]
    return wrong if limits else [*wrong, "no threshold"]


def _collected(service: AzureMLService, workspace: str, data: Json, began: datetime) -> list[Json]:
    """The rows of the hours of the window, from the first to that in which the run begins."""
    days = int(data["windowSize"].removeprefix("P").removesuffix("D"))
    since, until = (f"{moment:%Y/%m/%d/%H}" for moment in (began - timedelta(days=days), began))
    account, container, top = Places(service).key(workspace, data["uri"])
    found: list[Json] = []
    for (*where, name), blob in service.blobs.content.items():
        below = name.removeprefix(top).strip("/")
        if where == [account, container] and name.startswith(top) and since <= below[: len(since)] <= until:
            for line in blob.content.decode().splitlines():
                found += json.loads(line)["data"]
    if not found:
        raise LookupError("No data found for the given time window.")
    return found


def _table(service: AzureMLService, workspace: str, data: Json) -> list[Json]:
    """The rows of a table of JSON lines, as its own description says where they are."""
    account, container, top = Places(service).key(workspace, data["uri"])

    def content(name: str) -> str:
        return service.blobs.content[account, container, f"{top.rstrip('/')}/{name}"].content.decode()

    reading = yaml.safe_load(content("MLTable"))
    (transformation,) = reading["transformations"]
    assert (reading["type"], [*transformation]) == ("mltable", ["read_json_lines"])
    names = [one["file"].removeprefix("./") for one in reading["paths"]]
    return [json.loads(line) for name in names for line in content(name).splitlines()]


def _values(task: str, joined: list[tuple[Any, Any]]) -> Mapping[str, float]:
    metrics = load("sklearn.metrics")
    truth, said = [one for one, _ in joined], [one for _, one in joined]
    if task == "Regression":
        mean, square = metrics.mean_absolute_error, metrics.root_mean_squared_error
        return {"MeanAbsoluteError": float(mean(truth, said)), "RootMeanSquaredError": float(square(truth, said))}
    averaged: Mapping[str, Callable[..., float]] = {
        "Precision": metrics.precision_score, "Recall": metrics.recall_score,
    }  # fmt: skip
    macro = {name: float(act(truth, said, average="macro", zero_division=0)) for name, act in averaged.items()}
    return {"Accuracy": float(metrics.accuracy_score(truth, said)), **macro}


def _figure(value: float, threshold: float | None) -> Json:
    series = {"runId": "0a1b", "metricNames": {"value": "value", "threshold": "threshold"}}
    return {"value": value, **({} if threshold is None else {"threshold": str(threshold)}), "timeseries": series}
