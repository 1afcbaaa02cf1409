"""Windows of an endpoint's request log as the facts that monitors read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...contract.monitor_store import Key, LoggedRequests
from ...contract.monitoring import Baseline, Label, MonitorPlan, Window
from ...contract.traffic import Observation
from ...monitors.attribution import ROWS
from ...monitors.window import WindowData
from .columns import Columns, column_of
from .measuring import Labelled, measure
from .sampling import RowSample

_NOT_ITS_CONTENT = frozenset({401, 404, 405, 408, 421})
"""Refusals that say nothing of what a request holds."""


@dataclass(kw_only=True)
class _Version:
    baseline: Baseline | None
    sample: RowSample
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


def read(requests: LoggedRequests, plan: MonitorPlan, window: Window, *, serving: Iterable[int],
         baseline: Callable[[int], Baseline | None], labels: Mapping[Key, Label], now: str,
         service: Mapping[int, Observation] | None = None) -> dict[int, WindowData]:  # fmt: skip
    """What each version that serves, or answered in the window, was asked and answered in it.

    ``service`` is what each did as a service, where the log does not say that.
    """
    there = () if service is None else [version for version, one in service.items() if one.requests]
    size = 0 if plan.attribution is None else ROWS

    def fresh(version: int) -> _Version:
        return _Version(baseline=baseline(version), sample=RowSample(size))

    found = {version: fresh(version) for version in {*serving, *there}}
    ids = {request for request, _ in labels}
    wanted = {*plan.slices, *(rule.column for rule in plan.fairness)}
    for line in requests.within(window, now):
        one = found.get(line["version"])
        if one is None:
            one = found[line["version"]] = fresh(line["version"])
        _count(one, line)
        if "inputs" in line:
            one.columns.add(line["inputs"], line.get("redacted", ()))
            one.predicted.extend(line["outputs"])
            if not line.get("redacted"):
                one.sample.add(line["inputs"])
        if line["request_id"] in ids:
            _label(one, line, labels, wanted)
    notes = requests.notes()
    data = {version: _data(plan, window, version, one, notes) for version, one in sorted(found.items())}
    return data if service is None else {version: _served(one, service.get(version)) for version, one in data.items()}


def _served(data: WindowData, observed: Observation | None) -> WindowData:
    """With what the version did as a service; what was logged of it was asked too, whatever the metrics say."""
    known = observed or Observation(
        version=data.version, since=data.window.start, requests=0, errors=0, latency_p50_ms=None, latency_p95_ms=None
    )
    requests = max(known.requests, data.requests)
    return replace(data, observed=known, requests=requests, failed=known.errors, refused=None, latencies_ms=())


def _count(one: _Version, line: Mapping[str, Any]) -> None:
    status = line["status"]
    one.requests += 1
    if "ms" in line:
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


def _data(plan: MonitorPlan, window: Window, version: int, one: _Version, notes: tuple[str, ...]) -> WindowData:
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
        notes=notes,
        sample=one.sample.rows,
    )
