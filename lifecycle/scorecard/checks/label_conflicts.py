"""Rows that agree in every feature and not in the label."""

from __future__ import annotations

from collections.abc import Mapping

from ....core import extras
from ...contract.data import Finding
from ..table import Table
from ..textual import counted, percent


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when a larger share than ``max_label_conflicts`` of the rows has features that repeat with another label.

    Rows without a label, and regression, where equal features with different numbers are noise, are not judged.
    """
    if table.task == "regression" or not table.features:
        reason = "numbers may differ where features agree" if table.features else "there are no features"
        return Finding(id="label-conflicts", aspect="labels", status="not-applicable", found=reason)
    rows = _conflicting_rows(table)
    share = rows / max(table.rows, 1)
    limit = table.rules.max_label_conflicts
    return Finding(
        id="label-conflicts",
        aspect="labels",
        status="fail" if share > limit else "pass",
        found=f"{counted(rows, 'row')} with the features of another row and a different label ({percent(share)})"
        if rows
        else "equal features have equal labels",
        threshold=f"at most {percent(limit)} of the rows",
        value=share,
        limit=limit,
        advice="Check how these rows were labelled, or add the column that tells them apart." if share > limit else "",
    )


def _conflicting_rows(table: Table) -> int:
    numpy = extras.load("numpy")
    labelled = table.target.codes >= 0
    if not labelled.any():
        return 0
    groups, labels = table.feature_groups[labelled], table.target.codes[labelled]
    size = int(groups.max()) + 1
    lowest, highest = numpy.full(size, table.target.distinct), numpy.full(size, -1)
    numpy.minimum.at(lowest, groups, labels)
    numpy.maximum.at(highest, groups, labels)
    return int((lowest < highest)[groups].sum())
