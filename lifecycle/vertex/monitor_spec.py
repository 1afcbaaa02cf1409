"""What Vertex AI's model monitoring is told of a version: which columns, compared with what, by which statistic, when.

One model monitor for each version in the registry, as Vertex AI allows no second one; one schedule for each endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...core import digests
from ..contract.managed_monitors import ManagedWatch
from ..contract.monitoring import MonitorPlan
from . import log_columns, monitor_times, naming
from .log_columns import Column

ALERT_AT: Final = 0.3
"""The service's own threshold where none is given, by model_monitoring/objective.py of google-cloud-aiplatform."""

PREFIX: Final = "groundplan-"
"""How the names of all schedules and monitors of groundplan's start."""

_DIVERGENCE: Final = "jensen_shannon_divergence"
_LARGEST_DIFFERENCE: Final = "l_infinity"
_FORMATS: Final = {".csv": "CSV", ".jsonl": "JSONL"}
_LATE_HOURS: Final = 48
"""How much older than a window the rows are that a job reads: it may begin late."""
_DIGEST: Final = 12


@dataclass(frozen=True, kw_only=True)
class Served:
    """A version as its endpoint has it: its name in the registry, its deployed models, the table of its requests.

    ``explanation`` is the version's explanation spec, None where it has none; ``key`` encrypts what is made.
    """

    model: str
    model_version: str
    deployed_models: tuple[str, ...]
    table: str
    explanation: Mapping[str, Any] | None = None
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class MonitorSpec:
    """A monitor and its schedule, as fields of the service's messages; ``words`` say what is not watched, and why.

    ``title`` is what all of the endpoint's version is called by; the names of what is made end in a digest of it.
    """

    name: str
    title: str
    monitor: Mapping[str, Any]
    schedule: Mapping[str, Any]
    words: tuple[str, ...]


def title(endpoint: str, version: int | str) -> str:
    """What the schedule of a version at an endpoint is called."""
    return f"{PREFIX}{endpoint.rpartition('/')[2]}-v{version}"


def version_of(endpoint: str, called: str) -> int | None:
    """The version of which something at this endpoint is called so, with or without its digest; None for others."""
    found = re.fullmatch(rf"{re.escape(title(endpoint, ''))}(\d+)(-[0-9a-f]{{{_DIGEST}}})?", called)
    return None if found is None else int(found[1])


def same_content(one: str, other: str) -> bool:
    """Whether two names end in the same digest."""
    return one[-_DIGEST:] == other[-_DIGEST:]


def spec(watch: ManagedWatch, served: Served) -> MonitorSpec | None:
    """What is told; None where no column of the version can be watched."""
    words: list[str] = []
    training = _training(watch, words)
    features, answers = _features(watch, words), _answers(watch, training is not None, words)
    if not features and not answers:
        return None
    columns = [*features, *answers]
    called, window = title(watch.endpoint, watch.version), monitor_times.hours(watch.plan.window_seconds)
    objective = {
        "tabular_objective": _objective(watch.plan, features, answers, served, words),
        "target_dataset": _logged(served, columns, window),
        "baseline_dataset": training or _logged(served, columns, window, offset=window),
        **({"explanation_spec": served.explanation} if served.explanation else {}),
    }
    _say_window(watch.plan, window, words)
    name = f"{naming.location_of(watch.endpoint)}/modelMonitors/{naming.monitor_id(served.model, served.model_version)}"
    return MonitorSpec(
        name=name,
        title=called,
        monitor=_monitor(called, served, features, answers, training),
        schedule=_schedule(called, name, objective, window),
        words=tuple(words),
    )


def _monitor(
    called: str,
    served: Served,
    features: Sequence[Column],
    answers: Sequence[Column],
    training: Mapping[str, Any] | None,
) -> Mapping[str, Any]:
    content: dict[str, Any] = {
        "model_monitoring_target": {
            "vertex_model": {"model": served.model, "model_version_id": served.model_version}
        },
        "model_monitoring_schema": {"feature_fields": _fields(features), "prediction_fields": _fields(answers)},
        **({"training_dataset": training} if training else {}),
        **({"encryption_spec": {"kms_key_name": served.key}} if served.key else {}),
    }  # fmt: skip
    return {"display_name": _with_digest(called, content), **content}


def _schedule(called: str, monitor: str, objective: Mapping[str, Any], window: int) -> Mapping[str, Any]:
    cron = monitor_times.cron(window)
    job = {
        "display_name": _with_digest(called, {"objective": objective, "cron": cron}),
        "model_monitoring_spec": {"objective_spec": objective},
    }
    return {
        "display_name": called,
        "cron": cron,
        "max_concurrent_run_count": 1,
        "create_model_monitoring_job_request": {"parent": monitor, "model_monitoring_job": job},
    }


def _with_digest(called: str, content: object) -> str:
    return f"{called}-{digests.of_value(content)[-_DIGEST:]}"


def _fields(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [{"name": one.name, "data_type": one.type} for one in columns]


def _logged(served: Served, columns: Sequence[Column], window: int, *, offset: int = 0) -> dict[str, Any]:
    """A window of the request log, ``offset`` hours before the job's own time."""
    asked = log_columns.query(
        served.table, columns, served.deployed_models, hours=window + offset + _LATE_HOURS
    )  # fmt: skip
    return {
        "columnized_dataset": {"bigquery_source": {"query": asked}, "timestamp_field": log_columns.TIMESTAMP},
        "time_offset": {"window": f"{window}h", **({"offset": f"{offset}h"} if offset else {})},
    }


def _training(watch: ManagedWatch, words: list[str]) -> Mapping[str, Any] | None:
    """The data that the version learned from; None where Vertex AI cannot read it."""
    known = next((one for ending, one in _FORMATS.items() if watch.training.lower().endswith(ending)), None)
    if known is not None and watch.training.startswith("gs://"):
        return {"columnized_dataset": {"gcs_source": {"gcs_uri": watch.training, "format_": known}}}
    why = f"it reads CSV and JSON lines, not {watch.training}" if watch.training else "no training data is at hand"
    words.append(f"Vertex AI compares each window with the one before, not with the training data: {why}")
    return None


def _features(watch: ManagedWatch, words: list[str]) -> list[Column]:
    found = {profile.name: log_columns.column(profile) for profile in watch.baseline.features}
    strange = sorted(name for name, column in found.items() if column is None)
    if strange:
        words.append(f"Vertex AI does not watch {', '.join(strange)}: BigQuery calls no column so")
    return [one for one in found.values() if one is not None]


def _answers(watch: ManagedWatch, trained: bool, words: list[str]) -> list[Column]:
    """The answers, under the name of what they predict: of the training data that column is what they are held to."""
    profile, name = watch.baseline.prediction, watch.target or ("" if trained else "prediction")
    found = log_columns.column(profile, answer_as=name) if profile is not None and name else None
    if found is None:
        why = f"BigQuery calls no column {name}" if profile is not None and name else "what they predict is not known"
        words.append(f"Vertex AI does not watch the answers: {why}")
    return [] if found is None else [found]


def _objective(
    plan: MonitorPlan, features: Sequence[Column], answers: Sequence[Column], served: Served, words: list[str]
) -> dict[str, Any]:
    known = plan.statistic == "jensen_shannon"
    if not known:
        words.append(
            f"Vertex AI has no {plan.statistic}: it alerts above {ALERT_AT:g} of its own {_DIVERGENCE} (numbers) and "
            f"{_LARGEST_DIFFERENCE} (categories)"
        )
    # Groundplan's own statistic is the root of the divergence.
    alert = {"threshold": plan.threshold**2 if known else ALERT_AT}
    drift: dict[str, Any] = {
        "numeric_metric_type": _DIVERGENCE,
        "categorical_metric_type": _DIVERGENCE if known else _LARGEST_DIFFERENCE,
        "default_numeric_alert_condition": alert,
        "default_categorical_alert_condition": alert,
    }
    if served.explanation is None:
        words.append("Vertex AI watches no feature attributions: the version has no explanation spec in the registry")
    attributions = {"default_alert_condition": {"threshold": ALERT_AT}, "features": [one.name for one in features]}
    return {
        **({"feature_drift_spec": {**drift, "features": [one.name for one in features]}} if features else {}),
        **({"prediction_output_drift_spec": {**drift, "features": [one.name for one in answers]}} if answers else {}),
        **({"feature_attribution_spec": attributions} if served.explanation is not None and features else {}),
    }


def _say_window(plan: MonitorPlan, window: int, words: list[str]) -> None:
    if plan.window_seconds != window * 3600:
        words.append(f"Vertex AI counts whole hours: its windows are of {window} h")
