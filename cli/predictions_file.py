"""Rows with what was predicted for them, as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..core import csv_text, files


def write(
    path: Path,
    rows: Sequence[Mapping[str, object]],
    predictions: Sequence[object],
    probabilities: Sequence[Mapping[str, float]] | None,
) -> None:
    """Write each row with ``prediction``, and its probabilities where they are known: CSV or JSON lines by the name."""
    shares: Sequence[Mapping[str, float]] = probabilities or [dict[str, float]() for _ in rows]
    whole = [
        {**row, "prediction": value, **{f"probability_{name}": share for name, share in one.items()}}
        for row, value, one in zip(rows, predictions, shares, strict=True)
    ]
    text = (
        csv_text.of_rows(whole) if path.suffix.lower() == ".csv" else "".join(f"{json.dumps(one)}\n" for one in whole)
    )
    files.write_text(path, text)
