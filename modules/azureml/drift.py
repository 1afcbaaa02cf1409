"""Monitors of drift and quality: what is compared, by which statistic of Azure ML, and how often."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.monitoring import MonitoringArguments, Statistic, WatchedEndpoint
from .deployment import COLLECTIONS, requests_asset

SPARK = "3.4"
"""The Spark of serverless jobs."""

_MACHINE = "standard_e4s_v3"
_DAY = 86400
_NULLS = 0.05
_MISFITS = 0.02
_RANKS = 0.9
"""How much the ranks of columns must agree: where Microsoft's own examples are content."""

Columns = Literal["numerical", "categorical"]

_Signal = (
    ml.DataDriftMonitoringSignalArgs
    | ml.DataQualityMonitoringSignalArgs
    | ml.FeatureAttributionDriftMonitoringSignalArgs
    | ml.PredictionDriftMonitoringSignalArgs
)
_DriftThreshold = ml.NumericalDataDriftMetricThresholdArgs | ml.CategoricalDataDriftMetricThresholdArgs
_PredictionThreshold = ml.NumericalPredictionDriftMetricThresholdArgs | ml.CategoricalPredictionDriftMetricThresholdArgs
_QualityThreshold = ml.NumericalDataQualityMetricThresholdArgs | ml.CategoricalDataQualityMetricThresholdArgs

STATISTICS: Mapping[Statistic, Mapping[Columns, str]] = {
    "psi": {"numerical": "PopulationStabilityIndex", "categorical": "PopulationStabilityIndex"},
    "jensen_shannon": {"numerical": "JensenShannonDistance", "categorical": "JensenShannonDistance"},
    "kolmogorov_smirnov": {"numerical": "TwoSampleKolmogorovSmirnovTest"},
    "wasserstein": {"numerical": "NormalizedWassersteinDistance"},
    "chi_squared": {"categorical": "PearsonsChiSquaredTest"},
}
"""Azure ML's word for each statistic, by the columns that it judges. A threshold fits one statistic only, so columns
that the statistic does not judge get no other one."""

_TESTS = ("TwoSampleKolmogorovSmirnovTest", "PearsonsChiSquaredTest")
"""What Azure ML measures by them is how likely it is that nothing changed: it alerts below the threshold."""


def unwatched(statistic: Statistic) -> str:
    """The columns that Azure ML does not judge by this statistic: ``numerical``, ``categorical``, or empty."""
    return "".join(one for one in ("numerical", "categorical") if one not in STATISTICS[statistic])


def own_monitors(
    component: Component, arguments: MonitoringArguments, watched: WatchedEndpoint
) -> Iterator[ml.Schedule]:
    """The monitors of a pinned deployment, the one of drift first; each looks once a day at the newest window.

    They compare with what the model learned from, where the config names that, else with the window before. What it
    takes to see drift of attributions only that data has: a run without it would find nothing else either.
    """
    yield _monitor(component, arguments, watched, "drift", _signals(arguments, watched))
    if watched.training:
        yield _monitor(component, arguments, watched, "attribution", _attribution(arguments, watched))


def _monitor(
    component: Component,
    arguments: MonitoringArguments,
    watched: WatchedEndpoint,
    part: Literal["drift", "attribution"],
    signals: Mapping[str, _Signal],
) -> ml.Schedule:
    endpoint, deployment = watched.outputs.name, watched.outputs.deployment
    contacts = list(dict.fromkeys(arguments.contacts))
    definition = ml.MonitorDefinitionArgs(
        compute_configuration=_spark(arguments),
        monitoring_target=ml.MonitoringTargetArgs(
            task_type="Classification" if watched.task == "classification" else "Regression",
            deployment_id=f"azureml:{endpoint}:{deployment}",
        ),
        signals=signals,
        alert_notification_settings=ml.MonitorNotificationSettingsArgs(
            email_notification_settings=ml.MonitorEmailNotificationSettingsArgs(emails=contacts)
        )
        if contacts
        else None,
    )
    return ml.Schedule(
        f"{component.name}-{watched.endpoint}-{part}",
        name=f"{endpoint}-{part}",
        workspace_name=arguments.workspace.name,
        resource_group_name=arguments.foundation.group,
        properties=ml.SchedulePropertiesArgs(
            display_name=f"{part.capitalize()} of {watched.endpoint}",
            is_enabled=True,
            trigger=ml.CronTriggerArgs(trigger_type="Cron", expression="0 3 * * *", time_zone="UTC"),
            action=ml.CreateMonitorActionArgs(action_type="CreateMonitor", monitor_definition=definition),
            tags=component.context.tags,
        ),
        opts=component.child(depends_on=list(watched.outputs.ready)),
    )


def _spark(arguments: MonitoringArguments) -> ml.MonitorServerlessSparkComputeArgs:
    pipeline = arguments.identity.pipeline
    identity = (
        ml.AmlTokenComputeIdentityArgs(compute_identity_type="AmlToken")
        if pipeline is None
        else ml.ManagedComputeIdentityArgs(
            compute_identity_type="ManagedIdentity",
            identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[pipeline.id]),
        )
    )
    return ml.MonitorServerlessSparkComputeArgs(
        compute_type="ServerlessSpark", compute_identity=identity, instance_type=_MACHINE, runtime_version=SPARK
    )


def _signals(arguments: MonitoringArguments, watched: WatchedEndpoint) -> dict[str, _Signal]:
    days = _days(arguments)
    inputs, outputs = (_requests(watched, one) for one in COLLECTIONS)
    reference = _training(watched) if watched.training else _window(inputs, days, days)
    statistic = STATISTICS[arguments.statistic]
    limits = {
        metric: ml.MonitoringThresholdArgs(value=arguments.alpha if metric in _TESTS else arguments.threshold)
        for metric in statistic.values()
    }
    return {
        "data-drift": ml.DataDriftMonitoringSignalArgs(
            signal_type="DataDrift",
            production_data=_window(inputs, days, 0),
            reference_data=reference,
            metric_thresholds=[_drift(columns, metric, limits[metric]) for columns, metric in statistic.items()],
        ),
        "prediction-drift": ml.PredictionDriftMonitoringSignalArgs(
            signal_type="PredictionDrift",
            production_data=_window(outputs, days, 0),
            reference_data=_window(outputs, days, days),
            metric_thresholds=[_prediction(columns, metric, limits[metric]) for columns, metric in statistic.items()],
        ),
        "data-quality": ml.DataQualityMonitoringSignalArgs(
            signal_type="DataQuality",
            production_data=_window(inputs, days, 0),
            reference_data=reference,
            metric_thresholds=[*_quality()],
        ),
    }


def _attribution(arguments: MonitoringArguments, watched: WatchedEndpoint) -> dict[str, _Signal]:
    signal = ml.FeatureAttributionDriftMonitoringSignalArgs(
        signal_type="FeatureAttributionDrift",
        production_data=[_window(_requests(watched, one), _days(arguments), 0) for one in COLLECTIONS],
        reference_data=_training(watched, target=watched.target),
        feature_importance_settings=ml.FeatureImportanceSettingsArgs(mode="Enabled", target_column=watched.target),
        metric_threshold=ml.FeatureAttributionMetricThresholdArgs(
            metric="NormalizedDiscountedCumulativeGain", threshold=ml.MonitoringThresholdArgs(value=_RANKS)
        ),
    )
    return {"attribution-drift": signal}


def _requests(watched: WatchedEndpoint, collection: str) -> str:
    return f"azureml:{requests_asset(watched.outputs.name, watched.outputs.deployment, collection)}:1"


def _days(arguments: MonitoringArguments) -> int:
    return max(1, math.ceil(arguments.window_seconds / _DAY))


def _training(watched: WatchedEndpoint, target: str = "") -> ml.FixedInputDataArgs:
    return ml.FixedInputDataArgs(
        input_data_type="Fixed",
        job_input_type="mltable",
        uri=watched.training,
        data_context="training",
        columns={"target_column": target} if target else None,
    )


def _window(asset: str, days: int, ago: int) -> ml.RollingInputDataArgs:
    return ml.RollingInputDataArgs(
        input_data_type="Rolling",
        job_input_type="uri_folder",
        uri=asset,
        window_offset=f"P{ago}D",
        window_size=f"P{days}D",
    )


def _drift(columns: Columns, metric: str, limit: ml.MonitoringThresholdArgs) -> _DriftThreshold:
    if columns == "numerical":
        return ml.NumericalDataDriftMetricThresholdArgs(data_type="Numerical", metric=metric, threshold=limit)
    return ml.CategoricalDataDriftMetricThresholdArgs(data_type="Categorical", metric=metric, threshold=limit)


def _prediction(columns: Columns, metric: str, limit: ml.MonitoringThresholdArgs) -> _PredictionThreshold:
    if columns == "numerical":
        return ml.NumericalPredictionDriftMetricThresholdArgs(data_type="Numerical", metric=metric, threshold=limit)
    return ml.CategoricalPredictionDriftMetricThresholdArgs(data_type="Categorical", metric=metric, threshold=limit)


def _quality() -> Iterator[_QualityThreshold]:
    """Azure ML's own starting points: one value in twenty missing, one in fifty of another type or out of bounds."""
    for metric, value in (("NullValueRate", _NULLS), ("DataTypeErrorRate", _MISFITS), ("OutOfBoundsRate", _MISFITS)):
        limit = ml.MonitoringThresholdArgs(value=value)
        yield ml.NumericalDataQualityMetricThresholdArgs(data_type="Numerical", metric=metric, threshold=limit)
        yield ml.CategoricalDataQualityMetricThresholdArgs(data_type="Categorical", metric=metric, threshold=limit)
