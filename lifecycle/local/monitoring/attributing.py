"""Asks the model what its answers depended on in a window, where the config wants that known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ....core.errors import GroundplanError
from ...contract.monitoring import Attribution, Baseline, MonitorPlan
from ...monitors.window import WindowData

Attribute = Callable[[int, Sequence[Mapping[str, object]]], Attribution]
"""How much each column matters to a version's answers to logged rows. Raises GroundplanError."""


def attributed(
    plan: MonitorPlan, baseline: Baseline | None, data: WindowData, attribute: Attribute | None
) -> WindowData:
    """The window with its attributions; a model that cannot be asked is a reason in the report, never a failed look."""
    if plan.attribution is None or attribute is None or baseline is None or baseline.attribution is None:
        return data
    if data.rows < plan.min_rows:
        return data
    redacted = [name for name, column in data.columns.items() if column.redacted]
    if redacted and len(data.sample) < plan.min_rows:
        reason = f"the log does not have all that the model takes: {', '.join(redacted)} is redacted"
        return replace(data, unattributed=reason)
    try:
        return replace(data, attribution=attribute(data.version, data.sample))
    except GroundplanError as error:
        return replace(data, unattributed=error.message)
