"""Which metric fits which task."""

from __future__ import annotations

_ONLY_CLASSIFICATION = frozenset(
    {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier", "calibration_error"}
    | {"demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference"}
    | {"equalized_odds_ratio", "equal_opportunity_difference"}
)
_ONLY_REGRESSION = frozenset({"mae", "rmse", "r2", "mean_prediction_difference"})

OF_THE_WHOLE = frozenset({"latency_p95_ms", "size_mb"})
"""Metrics of the whole model, not of a part of the data and not of answers."""


def unfit(task: str) -> frozenset[str]:
    """The metrics that do not fit a task."""
    return _ONLY_CLASSIFICATION if task == "regression" else _ONLY_REGRESSION


def unfit_hint(task: str) -> str:
    """What fits it."""
    return "Such as mae, rmse, r2." if task == "regression" else "Such as accuracy, f1, roc_auc."
