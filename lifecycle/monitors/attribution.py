"""Drift of attributions: whether the columns that decide the model's answers are still ranked as they were.

No labels are needed: how far the answers change when a column's values change places is asked of the model itself.
"""

from __future__ import annotations

import numpy as np

from ..contract.monitoring import Attribution, Baseline, CheckVerdict, MonitorCheck, MonitorPlan
from ..ranking import chance, ndcg
from .window import Array, WindowData

ROWS = 2_000
"""The model is asked about so many rows of a window at most."""

_LEAST_HELD_OUT = 50
"""Means of fewer rows are not near enough to normal for the chance to be told."""

_WITHOUT = (
    "the baseline has no attributions: its version was evaluated before monitoring.attribution.enabled was set, and its"
    " run gives none any more"
)


def attribution(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> list[MonitorCheck]:
    """The check, where the config asks for it; its p-value is not corrected yet."""
    if plan.attribution is None:
        return []
    before, now = baseline.attribution, data.attribution
    needed = min(plan.min_rows, ROWS)
    if before is None:
        return [_unjudged(plan, "not judged", 0, _WITHOUT)]
    if data.rows < plan.min_rows:
        return [_unjudged(plan, "not enough data", data.rows, f"{data.rows} rows; {plan.min_rows} are needed")]
    if now is None:
        return [_unjudged(plan, "not judged", 0, data.unattributed or "the model was not asked")]
    if now.rows < needed:
        lacking = f"{now.rows} of the rows hold all that the model needs; {needed} are needed"
        return [_unjudged(plan, "not enough data", now.rows, lacking)]
    if before.rows < _LEAST_HELD_OUT:
        few = f"{before.rows} rows were held out; {_LEAST_HELD_OUT} are needed"
        return [_unjudged(plan, "not enough data", now.rows, few)]
    return [_compared(plan, plan.attribution, before, now, data)]


def _compared(
    plan: MonitorPlan, threshold: float, before: Attribution, now: Attribution, data: WindowData
) -> MonitorCheck:
    names = sorted(before.values.keys() & now.values.keys(), key=lambda name: (-before.values[name], name))
    if len(names) < 2:
        return _unjudged(plan, "not judged", now.rows, "the model takes a single column: there is nothing to rank")
    was, found = (np.array([one.values[name] for name in names]) for one in (before, now))
    for values, where in ((was, "on the held-out rows"), (found, "in this window")):
        if not values.any():
            return _unjudged(plan, "not judged", now.rows, f"the model's answers depend on no column {where}")
    places = [list(now.values).index(name) for name in names]
    covariance = np.array(now.covariance)[np.ix_(places, places)]
    value = ndcg(was, found)
    return MonitorCheck(
        area="attribution",
        subject="model",
        statistic="ndcg",
        value=value,
        threshold=threshold,
        verdict="alert" if value < threshold else "ok",
        p_value=chance(was, found, covariance, rows_before=before.rows, rows_after=now.rows),
        rows=now.rows,
        detail=_told(names, was / was.sum(), found / found.sum(), now, data),
        labels=tuple(names),
        before=tuple((was / was.sum()).tolist()),
        after=tuple((found / found.sum()).tolist()),
    )


def _told(names: list[str], was: Array, found: Array, now: Attribution, data: WindowData) -> str:
    """The column whose share changed most, and on which rows that was seen."""
    place = int(np.abs(found - was).argmax())
    said = [f"{names[place]} decides {found[place]:.1%} now, {was[place]:.1%} on the held-out rows"]
    if len(data.sample) < data.rows:
        said.append(f"{len(data.sample)} of {data.rows} rows were drawn")
    if now.rows < len(data.sample):
        said.append(f"{len(data.sample) - now.rows} rows lack what the model needs and were left out")
    return "; ".join(said)


def _unjudged(plan: MonitorPlan, verdict: CheckVerdict, rows: int, detail: str) -> MonitorCheck:
    return MonitorCheck(
        area="attribution", subject="model", statistic="ndcg", value=None, threshold=plan.attribution,
        verdict=verdict, rows=rows, detail=detail,
    )  # fmt: skip
