"""Windows of an endpoint's request log as the facts that monitors read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.monitoring import Baseline, Label, MonitorPlan, Window
from ...monitors.window import WindowData
from .columns import Columns, column_of
from .feedback import Key
from .log_lines import RequestLines
from .measuring import Labelled, measure

_NOT_ITS_CONTENT = frozenset({401, 404, 405, 408, 421})
"""Refusals that say nothing of what a request holds."""


@dataclass(kw_only=True)
class _Version:
    baseline: Baseline | None
    columns: Columns = field(init=False)
    requests: int = 0
    refused: int = 0
    failed: int = 0
    latencies: list[float] = field(default_factory=list[float])
    predicted: list[object] = field(default_factory=list[object])
    labelled: int = 0
    rows: Labelled = field(default_factory=Labelled)

    def __post_init__(self) -> None:
        self.columns = Columns(() if self.baseline is None else self.baseline.features)


def read(path: Path, plan: MonitorPlan, window: Window, *, serving: Iterable[int],
         baseline: Callable[[int], Baseline | None], labels: Mapping[Key, Label],
         now: str, copies: bool = False) -> dict[int, WindowData]:  # fmt: skip
    """What each version that serves, or answered in the window, was asked and answered in it.

    With ``copies`` also what was mirrored to a version that answers nobody.
    """
    lines = RequestLines(path, copies=copies)
    found = {version: _Version(baseline=baseline(version)) for version in serving}
    ids = {request for request, _ in labels}
    wanted = {*plan.slices, *(rule.column for rule in plan.fairness)}
    for line in lines.within(window, now):
        one = found.get(line["version"])
        if one is None:
            one = found[line["version"]] = _Version(baseline=baseline(line["version"]))
        _count(one, line)
        if "inputs" in line:
            one.columns.add(line["inputs"], line.get("redacted", ()))
            one.predicted.extend(line["outputs"])
        if line["request_id"] in ids:
            _label(one, line, labels, wanted)
    return {version: _data(plan, window, version, one, lines) for version, one in sorted(found.items())}


def _count(one: _Version, line: Mapping[str, Any]) -> None:
    status = line["status"]
    one.requests += 1
    one.latencies.append(line["ms"])
    one.failed += status >= 500
    one.refused += 400 <= status < 500 and status not in _NOT_ITS_CONTENT


def _label(one: _Version, line: Mapping[str, Any], labels: Mapping[Key, Label], wanted: set[str]) -> None:
    probabilities = line.get("probabilities") or [None] * len(line.get("outputs", ()))
    for number in range(line.get("rows", 0)):
        label = labels.get((line["request_id"], number))
        if label is None:
            continue
        one.labelled += 1
        if "inputs" in line:
            one.rows.truth.append(label.value)
            one.rows.predicted.append(line["outputs"][number])
            one.rows.probabilities.append(probabilities[number])
            row = line["inputs"][number]
            one.rows.inputs.append({name: row.get(name) for name in wanted if name in row})


def _data(plan: MonitorPlan, window: Window, version: int, one: _Version, lines: RequestLines) -> WindowData:
    columns = one.columns.columns()
    profile = None if one.baseline is None else one.baseline.prediction
    return WindowData(
        window=window,
        version=version,
        requests=one.requests,
        refused=one.refused,
        failed=one.failed,
        latencies_ms=np.array(one.latencies),
        rows=one.columns.rows,
        columns=columns,
        prediction=None if profile is None else column_of(profile, one.predicted),
        unknown=() if one.baseline is None else one.columns.unknown,
        labelled=one.labelled,
        performance=measure(plan, one.rows) if len(one.rows) else None,
        notes=lines.notes(),
    )
