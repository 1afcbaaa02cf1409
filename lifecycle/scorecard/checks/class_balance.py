"""Classes that are too rare to learn."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, percent, short


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when the rarest class has a smaller share of the labelled rows than ``min_class_share``."""
    target, limit = table.target, table.rules.min_class_share
    if table.task == "regression" or target.distinct < 2:
        reason = "numbers have no classes" if table.task == "regression" else "there are no classes to compare"
        return Finding(id="class-balance", aspect="labels", status="not-applicable", found=reason)
    rarest = int(target.counts.argmin())
    share = int(target.counts[rarest]) / target.present
    name = short(target.labels()[rarest])
    rare = int((target.counts < limit * target.present).sum())
    return Finding(
        id="class-balance",
        aspect="labels",
        status="fail" if share < limit else "pass",
        found=f"the rarest of {target.distinct:,} classes, {name}, has {percent(share)} of the rows",
        threshold=f"at least {percent(limit)}",
        value=share,
        limit=limit,
        columns={target.name: f"{counted(rare, 'class')} below {percent(limit)}"} if share < limit else {},
        advice="Collect more rows of the rare classes, or put them together." if share < limit else "",
    )
