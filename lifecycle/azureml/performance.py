"""What Azure ML's model performance signal is told of a version: its metrics, from when on they alert, which tables.

The form: https://learn.microsoft.com/azure/machine-learning/how-to-monitor-model-performance, the metrics those of the
component model_performance_compute_metrics (Azure/azureml-assets, assets/model_monitoring).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...core.extras import load
from ..contract.managed_monitors import ManagedWatch
from ..contract.rubric import HIGHER_IS_BETTER
from .deployments import name_of as deployment_of
from .places import last

SIGNAL: Final = "model-performance"
ID: Final = "id"
ANSWER: Final = "answer"
TRUTH: Final = "truth"
"""The columns of both tables: the id joins them."""

VERSION: Final = "1"
"""The version of both data assets: their files are written on, the schedule stays."""

METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "classification": {
        "accuracy": ("Accuracy", "accuracy"),
        "precision": ("Precision", "precision"),
        "recall": ("Recall", "recall"),
    },
    "regression": {
        "mae": ("MeanAbsoluteError", "mean_absolute_error"),
        "rmse": ("RootMeanSquaredError", "root_mean_squared_error"),
    },
}
"""Of each metric that Azure ML measures what it is called in its figures, and by the SDK. It takes a threshold of the
mean squared error, too, and never measures one."""

_AVERAGED = ("precision", "recall")
_TWO = 2


def thresholds(watch: ManagedWatch) -> Mapping[str, float]:
    """How bad each of Azure ML's figures may be: the version's evidence, less what the config allows it to fall."""
    known = METRICS.get(watch.plan.task, {})
    limits = {name: _limit(watch, name) for name in watch.plan.metrics if name in known and _comparable(watch, name)}
    # The SDK leaves out a threshold of 0.
    return {known[name][0]: limit for name, limit in limits.items() if limit is not None and limit > 0}


def unwatched(watch: ManagedWatch) -> tuple[str, ...]:
    """Which metrics of the config Azure ML does not hold against a threshold, and why."""
    known, held = METRICS.get(watch.plan.task, {}), thresholds(watch)
    words: list[str] = []
    for name in watch.plan.metrics:
        if name not in known:
            words.append(f"Azure ML's model performance has no {name}")
        elif not _comparable(watch, name):
            words.append(f"Azure ML does not judge {name}: its own is the mean of all classes, the evidence is of one")
        elif known[name][0] not in held:
            words.append(f"Azure ML does not judge {name}: the evidence and the config leave no threshold for it")
    return tuple(words)


def signals(watch: ManagedWatch, window: Any) -> dict[str, Any]:
    """The signal, for the SDK. It alerts nobody itself: its component takes a high accuracy for a bad one."""
    sdk, entities = load("azure.ai.ml"), load("azure.ai.ml.entities")
    answers, truths = assets(watch.endpoint, watch.version)
    signal = entities.ModelPerformanceSignal(
        production_data=entities.ProductionData(
            input_data=sdk.Input(type="uri_folder", path=f"azureml:{answers}:{VERSION}"),
            data_context="model_outputs",
            data_window=window,
            data_column_names={"target_column": ANSWER, "join_column": ID},
        ),
        reference_data=entities.ReferenceData(
            input_data=sdk.Input(type="mltable", path=f"azureml:{truths}:{VERSION}"),
            data_context="ground_truth",
            data_column_names={"target_column": TRUTH, "join_column": ID},
        ),
        metric_thresholds=_for_the_sdk(watch),
    )
    return {SIGNAL: signal}


def assets(endpoint: str, version: int) -> tuple[str, str]:
    """The data assets of the answers and of what was true."""
    name = f"{last(endpoint)}-{deployment_of(version)}"
    return f"{name}-answers", f"{name}-labels"


def _for_the_sdk(watch: ManagedWatch) -> Any:
    entities = load("azure.ai.ml.entities")
    held = thresholds(watch)
    named = {word: held[figure] for figure, word in METRICS[watch.plan.task].values() if figure in held}
    if watch.plan.task == "classification":
        made = entities.ModelPerformanceClassificationThresholds(**named)
        return entities.ModelPerformanceMetricThreshold(classification=made)
    made = entities.ModelPerformanceRegressionThresholds(**named)
    return entities.ModelPerformanceMetricThreshold(regression=made)


def _comparable(watch: ManagedWatch, name: str) -> bool:
    """Whether Azure ML measures the same as the evidence, which of two classes has that of the positive one."""
    said = watch.baseline.prediction
    several = watch.plan.positive_class is None and said is not None and len(said.categories) > _TWO
    return name not in _AVERAGED or several


def _limit(watch: ManagedWatch, name: str) -> float | None:
    reference, allowed = watch.baseline.metrics.get(name), watch.plan.metrics[name]
    if reference is None:
        return None
    return reference - allowed if HIGHER_IS_BETTER[name] else reference + allowed
