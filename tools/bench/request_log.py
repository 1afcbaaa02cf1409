"""What logging every input and output costs an endpoint: its requests per second with and without."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from . import Row
from ._serving import CALLERS, ROUNDS, endpoint, rate, request_for, trained


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        model, row = trained(Path(folder) / "model")
        asked = request_for(row)
        logging = endpoint(Path(folder) / "logging", model, log_sample=1.0)
        with logging as ours, endpoint(Path(folder) / "plain", model) as plain:
            rates = [(asyncio.run(rate(ours, asked)), asyncio.run(rate(plain, asked))) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in rates)
    return [("every input and output logged / none, requests per second", ratio,
             f"bound: at least 0.9 ({CALLERS} callers, one row of 30 columns each)")]  # fmt: skip
