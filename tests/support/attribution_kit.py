"""What the tests of attributions share: models that are formulas, and what is found between two sets of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
from groundplan.lifecycle import monitoring
from groundplan.lifecycle.contract.monitoring import Attribution, MonitorCheck
from groundplan.lifecycle.contract.rubric import Task
from groundplan.lifecycle.local.evaluation.attribution import attribution
from groundplan.lifecycle.local.loading import Column, LoadedModel

import monitoring_kit

COLUMNS = ("income", "age", "tenure")


@dataclass(frozen=True)
class Formula:
    """Says a number of a DataFrame."""

    of: Callable[[Any], Any]

    def predict(self, frame: Any) -> Any:
        """The number of each row."""
        return self.of(frame)


@dataclass(frozen=True)
class Probability(Formula):
    """Says yes as likely as the formula tells."""

    def predict_proba(self, frame: Any) -> Any:
        """No and yes."""
        yes = 1 / (1 + np.exp(-self.of(frame)))
        return np.column_stack([1 - yes, yes])


def model(estimator: Any, columns: tuple[str, ...] = COLUMNS, *, classes: tuple[Any, ...] = ()) -> LoadedModel:
    """A model in memory that takes these columns."""
    named = tuple(Column(name=name, type="double") for name in columns)
    return LoadedModel(estimator=estimator, columns=named, classes=classes)


def income_or_age(frame: Any) -> Any:
    """What decides depends on the tenure: the income of those who came long ago, the age of all others."""
    long: Any = frame["tenure"] > 0
    return long * (3 * frame["income"] + 0.5 * frame["age"]) + ~long * 3 * frame["age"]


def rows(count: int, seed: int, *, tenure: float = 2.0) -> Any:
    """So many customers, whose tenure is around this."""
    values = np.random.default_rng(seed).normal([0, 0, tenure], size=(count, 3))
    return pd.DataFrame(values, columns=list(COLUMNS))


def measured(loaded: LoadedModel, frame: Any, task: Task = "classification") -> Attribution:
    """What the model's answers to these rows depend on."""
    return attribution(loaded, frame, task)


def judged(before: Attribution | None, now: Attribution | None, *, threshold: float | None = 0.9, rows: int = 500,
           **values: Any) -> MonitorCheck:  # fmt: skip
    """The check of a window against a baseline with these attributions, as a report has it."""
    known = replace(monitoring_kit.baseline({"age": range(200)}), attribution=before)
    there = monitoring_kit.window({}, rows=rows, attribution=now, sample=[{}] * rows, **values)
    report = monitoring.examine(monitoring_kit.plan(attribution=threshold), known, there, made=monitoring_kit.MADE)
    (found,) = [check for check in report.checks if check.area == "attribution"]
    return found
