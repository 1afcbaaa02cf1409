"""What a job of Vertex AI's model monitoring measures: two data sets, column by column, and what is above a threshold.

The distances are those that the description of v1beta1 names, over equal bins of both sets for numbers. In how many
bins the service itself counts is not published.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy.spatial.distance import jensenshannon

from .http import Json

Row = Mapping[str, Any]
_BINS = 10
_FORMATS = {1: "CSV", 3: "JSONL"}


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where data sets lie: ``file`` gives what is stored at an address, ``query`` the rows of an SQL query."""

    file: Callable[[str], bytes]
    query: Callable[[str, datetime], list[Row]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A column's distance, and the threshold that it is held to."""

    objective: str
    column: str
    algorithm: str
    value: float
    threshold: float

    @property
    def is_alert(self) -> bool:
        """Above the threshold."""
        return self.threshold > 0 and self.value > self.threshold


def measure(spec: Json, schema: Json, sources: Sources, cut_off: datetime) -> list[Figure]:
    """The figures of a job. Raises ValueError for data sets that have none."""
    target = _rows(spec["targetDataset"], sources, cut_off)
    baseline = _rows(spec["baselineDataset"], sources, cut_off)
    if not target or not baseline:
        raise ValueError("No data was found in the dataset for the time range.")
    objective = spec["tabularObjective"]
    drift = _drift("raw-feature-drift", objective.get("featureDriftSpec"), schema["featureFields"], baseline, target)
    answers = objective.get("predictionOutputDriftSpec")
    return drift + _drift("prediction-output-drift", answers, schema.get("predictionFields", []), baseline, target)


def _drift(
    objective: str, spec: Json | None, fields: Sequence[Json], baseline: Sequence[Row], target: Sequence[Row]
) -> list[Figure]:
    found: list[Figure] = []
    for field in fields if spec is not None else ():
        if spec is None or field["name"] not in spec.get("features", [field["name"]]):
            continue
        numeric = field["dataType"] in ("float", "integer")
        kind = "Numeric" if numeric else "Categorical"
        algorithm = spec[f"{kind.lower()}MetricType"]
        before, after = (_values(rows, field) for rows in (baseline, target))
        counts = _binned(before, after) if numeric else _counted(before, after)
        threshold = spec.get(f"default{kind}AlertCondition", {}).get("threshold", 0.0)
        found.append(
            Figure(
                objective=objective, column=field["name"], algorithm=algorithm, value=_distance(algorithm, *counts),
                threshold=threshold,
            )
        )  # fmt: skip
    return found


def _distance(algorithm: str, before: Any, after: Any) -> float:
    p, q = before / before.sum(), after / after.sum()
    return float(np.abs(p - q).max()) if algorithm == "l_infinity" else float(jensenshannon(p, q, base=2) ** 2)


def _binned(before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, Any]:
    edges = np.histogram_bin_edges([*before, *after], bins=_BINS)
    return np.histogram(before, edges)[0], np.histogram(after, edges)[0]


def _counted(before: Sequence[Any], after: Sequence[Any]) -> tuple[Any, Any]:
    first, second = Counter(before), Counter(after)
    names = sorted({*first, *second})
    return np.array([first[one] for one in names]), np.array([second[one] for one in names])


def _values(rows: Sequence[Row], field: Json) -> list[Any]:
    """What is there of a column, as its type has it."""
    if field["name"] not in rows[0]:
        raise ValueError(f"Column {field['name']} is not found in the dataset.")
    present = [row[field["name"]] for row in rows if row[field["name"]] not in (None, "")]
    if not present:
        raise ValueError(f"Column {field['name']} has no values.")
    if field["dataType"] in ("float", "integer"):
        return [float(one) for one in present]
    return [str(one).lower() if field["dataType"] == "boolean" else str(one) for one in present]


def _rows(given: Json, sources: Sources, cut_off: datetime) -> list[Row]:
    dataset = given["columnizedDataset"]
    rows = _all_rows(dataset, sources, cut_off)
    times: Json = given.get("timeOffset", {})
    if "window" not in times:
        return rows
    end = cut_off - _span(times.get("offset", "0h"))
    start, field = end - _span(times["window"]), dataset["timestampField"]
    return [row for row in rows if start <= row[field] < end]


def _all_rows(dataset: Json, sources: Sources, cut_off: datetime) -> list[Row]:
    if "bigquerySource" in dataset:
        return sources.query(dataset["bigquerySource"]["query"], cut_off)
    source = dataset["gcsSource"]
    text, form = sources.file(source["gcsUri"]).decode(), _FORMATS.get(source["format"], source["format"])
    if form == "CSV":
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


def _span(text: str) -> timedelta:
    """An offset or a window, such as ``24h``, ``2d``, ``1w``."""
    return int(text[:-1]) * {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[text[-1].lower()]
