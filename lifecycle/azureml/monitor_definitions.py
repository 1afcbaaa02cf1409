"""What Azure ML's monitors of a version are told: their names, what they compare, and from when on that is an alert.

A version has up to three schedules, so that a run that finds no attributions loses nothing else. Which columns of its
collected tables there are: https://learn.microsoft.com/azure/machine-learning/how-to-monitor-model-performance.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from ...core.extras import load
from ..contract.managed_monitors import ManagedWatch
from ..contract.monitoring import Kind, MonitorPlan, Statistic
from . import collecting, performance
from .deployments import name_of as deployment_of
from .places import last

Part = Literal["drift", "attribution", "performance"]
PARTS: Final[tuple[Part, ...]] = ("drift", "attribution")
"""Those that every monitored version has; the third needs labels."""

ALL: Final[tuple[Part, ...]] = (*PARTS, "performance")

ANSWERS: Final = "0"
"""What the table of answers calls its column, where the model gives one answer a row without a name for it: Azure's own
scoring script for models of MLflow makes a table of them without saying how its columns are called."""

RANKS_AT_LEAST: Final = 0.9
"""The agreement of the ranks of features, 1 for the same order: from here on Azure ML's own examples are content. It is
what counts where the config says none."""

DIGEST: Final = "groundplan.definition"
"""The tag of a schedule that says which definition it has."""

_FORM = 1
_TESTED_ROWS = 10_000
_MACHINE, _SPARK = "standard_e4s_v3", "3.4"
_EACH_DAY = "0 3 * * *"
_DAY = 86400
_NUMBERS: Mapping[Statistic, str] = {
    "psi": "population_stability_index",
    "jensen_shannon": "jensen_shannon_distance",
    "wasserstein": "normalized_wasserstein_distance",
    "kolmogorov_smirnov": "two_sample_kolmogorov_smirnov_test",
    "chi_squared": "two_sample_kolmogorov_smirnov_test",
}
_CATEGORIES: Mapping[Statistic, str] = {
    "psi": "population_stability_index",
    "jensen_shannon": "jensen_shannon_distance",
    "wasserstein": "pearsons_chi_squared_test",
    "kolmogorov_smirnov": "pearsons_chi_squared_test",
    "chi_squared": "pearsons_chi_squared_test",
}
"""Azure ML's word for each statistic. Where it has none for such columns, they are compared by the test that it has."""


def name_of(endpoint: str, version: int, part: Part) -> str:
    """The schedule of a version."""
    return f"{last(endpoint)}-v-{version}-{part}"


def version_of(schedule: str, endpoint: str) -> int | None:
    """The version that a schedule is of; None for one that is of something else."""
    found = re.fullmatch(rf"{re.escape(last(endpoint))}-v-(\d+)-(?:{'|'.join(ALL)})", schedule)
    return int(found[1]) if found else None


def digest(watch: ManagedWatch, part: Part, reference: str) -> str:
    """By which a definition is told from another one; ``reference`` is the data asset to compare with, or empty."""
    plan = watch.plan
    kinds = sorted((one.name, one.kind) for one in watch.baseline.features)
    limits = (plan.threshold, plan.alpha, plan.max_missing_increase, plan.max_unseen, ranks(plan))
    told = (_FORM, part, watch.endpoint, watch.version, reference, plan.task, days(plan), kinds, watch.baseline.rows,
            plan.statistic, limits)  # fmt: skip
    judged = sorted(performance.thresholds(watch).items()) if part == "performance" else []
    return hashlib.sha256(repr((*told, *judged)).encode()).hexdigest()


def ranks(plan: MonitorPlan) -> float:
    """The least agreement of the ranks of features."""
    return RANKS_AT_LEAST if plan.attribution is None else plan.attribution


def unwatched(watch: ManagedWatch) -> tuple[str, ...]:
    """What of the plan Azure ML cannot do, in words."""
    statistic, words = watch.plan.statistic, list[str]()
    if not watch.training:
        words.append(
            "Azure ML compares with the days before, and no attributions: where the training data is, is not known"
        )
    if not _numbers_judged(watch):
        words.append(
            f"Azure ML does not compare numbers: its Kolmogorov-Smirnov test takes less than {_TESTED_ROWS} rows, "
            f"the training data has {watch.baseline.rows}"
        )
    elif statistic == "chi_squared" and _of_kind(watch, "numeric"):
        words.append("Azure ML compares numbers by its Kolmogorov-Smirnov test: its chi-squared test takes none")
    if watch.training and watch.plan.log_sample < 1:
        words.append(
            f"Azure ML joins inputs and answers for its attributions, and collects either of them with a chance of "
            f"{watch.plan.log_sample:g}: it may find few rows that have both"
        )
    return tuple(words)


def schedule(watch: ManagedWatch, part: Part, reference: str) -> Any:
    """The SDK's entity."""
    entities = load("azure.ai.ml.entities")
    signals = _signals(watch, part, reference)
    task = "Classification" if watch.plan.task == "classification" else "Regression"
    deployment = f"azureml:{last(watch.endpoint)}:{deployment_of(watch.version)}"
    return entities.MonitorSchedule(
        name=name_of(watch.endpoint, watch.version, part),
        display_name=f"{part.capitalize()} of version {watch.version} at {last(watch.endpoint)}",
        is_enabled=True,
        trigger=entities.CronTrigger(expression=_EACH_DAY, time_zone="UTC"),
        create_monitor=entities.MonitorDefinition(
            compute=entities.ServerlessSparkCompute(instance_type=_MACHINE, runtime_version=_SPARK),
            monitoring_target=entities.MonitoringTarget(ml_task=task, endpoint_deployment_id=deployment),
            monitoring_signals=signals,
        ),
        tags={"model": watch.baseline.model, "version": str(watch.version), DIGEST: digest(watch, part, reference)},
    )


def _signals(watch: ManagedWatch, part: Part, reference: str) -> dict[str, Any]:
    if part == "performance":
        return performance.signals(watch, _window(watch, 0))
    return _attribution(watch, reference) if part == "attribution" else _drift(watch, reference)


def _drift(watch: ManagedWatch, reference: str) -> dict[str, Any]:
    entities, plan = load("azure.ai.ml.entities"), watch.plan
    kinds: dict[str, str] = {
        one.name: "Numerical" if one.kind == "numeric" else "Categorical" for one in watch.baseline.features
    }
    compared = [one.name for one in watch.baseline.features if one.kind != "numeric" or _numbers_judged(watch)]
    inputs = {"production_data": _collected(watch, collecting.INPUTS)}
    inputs["reference_data"] = _training(reference, {}) if reference else _before(watch, collecting.INPUTS)
    signals: dict[str, Any] = {
        "prediction-drift": entities.PredictionDriftSignal(
            production_data=_collected(watch, collecting.OUTPUTS),
            reference_data=_before(watch, collecting.OUTPUTS),
            metric_thresholds=entities.PredictionDriftMetricThreshold(**_thresholds(plan)),
        ),
        "data-quality": entities.DataQualitySignal(
            **inputs,
            features=[*kinds],
            feature_type_override=kinds,
            metric_thresholds=_quality(plan),
        ),
    }
    if compared:
        signals["data-drift"] = entities.DataDriftSignal(
            **inputs,
            features=compared,
            feature_type_override=kinds,
            metric_thresholds=entities.DataDriftMetricThreshold(**_thresholds(plan)),
        )
    return signals


def _attribution(watch: ManagedWatch, reference: str) -> dict[str, Any]:
    entities = load("azure.ai.ml.entities")
    tables = (collecting.INPUTS, collecting.OUTPUTS)
    signal = entities.FeatureAttributionDriftSignal(
        production_data=[_collected(watch, one, entities.FADProductionData) for one in tables],
        reference_data=_training(reference, {"target_column": ANSWERS}),
        metric_thresholds=entities.FeatureAttributionDriftMetricThreshold(
            normalized_discounted_cumulative_gain=ranks(watch.plan)
        ),
    )
    return {"attribution-drift": signal}


def _thresholds(plan: MonitorPlan) -> dict[str, Any]:
    """From when on columns of either kind have drifted: a test's own measure is how likely it is that they have not."""
    entities = load("azure.ai.ml.entities")
    numbers, categories = _NUMBERS[plan.statistic], _CATEGORIES[plan.statistic]
    return {
        "numerical": entities.NumericalDriftMetrics(**{numbers: _limit(plan, numbers)}),
        "categorical": entities.CategoricalDriftMetrics(**{categories: _limit(plan, categories)}),
    }


def _limit(plan: MonitorPlan, metric: str) -> float:
    return plan.alpha if metric.endswith("_test") else plan.threshold


def _quality(plan: MonitorPlan) -> Any:
    """By how much each share may be above that of the reference data."""
    entities = load("azure.ai.ml.entities")
    limits = {
        "null_value_rate": plan.max_missing_increase,
        "data_type_error_rate": plan.max_unseen,
        "out_of_bounds_rate": plan.max_unseen,
    }
    return entities.DataQualityMetricThreshold(
        numerical=entities.DataQualityMetricsNumerical(**limits),
        categorical=entities.DataQualityMetricsCategorical(**limits),
    )


def _collected(watch: ManagedWatch, collection: str, kind: Any = None) -> Any:
    """What a deployment collected in the newest window."""
    entities = load("azure.ai.ml.entities")
    return (kind or entities.ProductionData)(
        input_data=_table(watch, collection), data_context=collection, data_window=_window(watch, 0)
    )


def _before(watch: ManagedWatch, collection: str) -> Any:
    """What it collected in the window before that one."""
    entities = load("azure.ai.ml.entities")
    return entities.ReferenceData(
        input_data=_table(watch, collection),
        data_context=collection,
        data_window=_window(watch, days(watch.plan)),
    )


def _training(reference: str, columns: Mapping[str, str]) -> Any:
    sdk, entities = load("azure.ai.ml"), load("azure.ai.ml.entities")
    return entities.ReferenceData(
        input_data=sdk.Input(type="mltable", path=f"azureml:{reference}"),
        data_context="training",
        data_column_names=dict(columns) or None,
    )


def _table(watch: ManagedWatch, collection: str) -> Any:
    asset = collecting.asset(last(watch.endpoint), deployment_of(watch.version), collection)
    return load("azure.ai.ml").Input(type="uri_folder", path=f"azureml:{asset}:{collecting.ASSET_VERSION}")


def _window(watch: ManagedWatch, days_ago: int) -> Any:
    entities = load("azure.ai.ml.entities")
    return entities.BaselineDataRange(
        lookback_window_size=f"P{days(watch.plan)}D", lookback_window_offset=f"P{days_ago}D"
    )


def days(plan: MonitorPlan) -> int:
    """Azure ML looks back over whole days."""
    return max(1, math.ceil(plan.window_seconds / _DAY))


def _numbers_judged(watch: ManagedWatch) -> bool:
    """Whether the numbers can be compared: the test that Azure ML has for them fails for many rows."""
    tested = _NUMBERS[watch.plan.statistic].endswith("_test")
    return not (tested and watch.training and watch.baseline.rows >= _TESTED_ROWS and _of_kind(watch, "numeric"))


def _of_kind(watch: ManagedWatch, kind: Kind) -> list[str]:
    return [one.name for one in watch.baseline.features if one.kind == kind]
