"""Columns that predict the target too well to be true."""

from __future__ import annotations

from collections.abc import Mapping

from ...contract.data import Finding
from ..strength import MIN_ROWS
from ..table import Table


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Fails when a single column reaches more than ``max_leakage``; strength.py says how that is measured."""
    judged = {name: strength for name, strength in strengths.items() if strength is not None}
    limit = table.rules.max_leakage
    measure = "R²" if table.task == "regression" else "AUC"
    over = sorted((name for name in judged if judged[name] > limit), key=lambda name: -judged[name])
    best = max(judged, key=lambda name: judged[name], default="")
    return Finding(
        id="leakage",
        aspect="quality",
        status="fail" if over else "pass" if judged else "not-applicable",
        found=f"the strongest column alone reaches {measure} {judged[best]:.3f}"
        if judged
        else f"fewer than {MIN_ROWS} rows with a usable label",
        threshold=f"{measure} at most {limit:g} for one column",
        value=judged.get(best),
        limit=limit,
        columns={name: f"{measure} {judged[name]:.3f} alone" for name in over},
        advice="Ask when these values are known: what is written after the outcome cannot predict it. Leave it out."
        if over
        else "",
    )
