"""Monitors of drift and quality: what is compared, by which statistic of Azure ML, and how often."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Literal

from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.monitoring import MonitoringArguments, Statistic, WatchedEndpoint
from .deployment import requests_asset

SPARK = "3.4"
"""The Spark of serverless jobs."""

_MACHINE = "standard_e4s_v3"
_DAY = 86400
_NULLS = 0.05
_MISFITS = 0.02

Columns = Literal["numerical", "categorical"]

_Signal = ml.DataDriftMonitoringSignalArgs | ml.DataQualityMonitoringSignalArgs | ml.PredictionDriftMonitoringSignalArgs
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


def drift_monitor(component: Component, arguments: MonitoringArguments, watched: WatchedEndpoint) -> ml.Schedule:
    """The monitor of a pinned deployment: each day the newest window of requests against the window before it.

    Azure ML takes training data only as a registered table, which a pinned model need not have.
    """
    endpoint, deployment = watched.outputs.name, watched.outputs.deployment
    contacts = list(dict.fromkeys(arguments.contacts))
    definition = ml.MonitorDefinitionArgs(
        compute_configuration=_spark(arguments),
        monitoring_target=ml.MonitoringTargetArgs(
            task_type="Classification" if watched.task == "classification" else "Regression",
            deployment_id=f"azureml:{endpoint}:{deployment}",
        ),
        signals=_signals(arguments, watched),
        alert_notification_settings=ml.MonitorNotificationSettingsArgs(
            email_notification_settings=ml.MonitorEmailNotificationSettingsArgs(emails=contacts)
        )
        if contacts
        else None,
    )
    return ml.Schedule(
        f"{component.name}-{watched.endpoint}-drift",
        name=f"{endpoint}-drift",
        workspace_name=arguments.workspace.name,
        resource_group_name=arguments.foundation.group,
        properties=ml.SchedulePropertiesArgs(
            display_name=f"Drift of {watched.endpoint}",
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
    inputs, outputs = (
        f"azureml:{requests_asset(watched.outputs.name, watched.outputs.deployment, one)}:1"
        for one in ("model_inputs", "model_outputs")
    )
    days = max(1, math.ceil(arguments.window_seconds / _DAY))
    statistic = STATISTICS[arguments.statistic]
    limits = {
        metric: ml.MonitoringThresholdArgs(value=arguments.alpha if metric in _TESTS else arguments.threshold)
        for metric in statistic.values()
    }
    return {
        "data-drift": ml.DataDriftMonitoringSignalArgs(
            signal_type="DataDrift",
            production_data=_window(inputs, days, 0),
            reference_data=_window(inputs, days, days),
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
            reference_data=_window(inputs, days, days),
            metric_thresholds=[*_quality()],
        ),
    }


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
