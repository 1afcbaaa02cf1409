"""What the router costs: an endpoint against a bare uvicorn with the same worker, asked directly."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from . import Row
from ._serving import CALLERS, ROUNDS, endpoint, median_ms, program, rate, request_for, trained

_WORKER = """
import sys
from pathlib import Path
import uvicorn
from groundplan.lifecycle.local.loading import load
from groundplan.lifecycle.local.serving.predictor import Predictor
from groundplan.lifecycle.local.serving.worker import WorkerApp
from tools.bench._serving import deployment

model = Path(sys.argv[1])
wanted = deployment(model.parent, model)
loaded = load(model, digest=wanted.served.digest, trusted_types=())
app = WorkerApp(Predictor(loaded), wanted, key="bench")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False, lifespan="off")
"""


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        model, row = trained(Path(folder) / "model")
        asked, directly = request_for(row), request_for(row, "X-Worker-Key: bench")
        with endpoint(Path(folder), model) as ours, program(_WORKER, model) as bare:
            rates = [(asyncio.run(rate(ours, asked)), asyncio.run(rate(bare, directly))) for _ in range(ROUNDS)]
            times = [
                (asyncio.run(median_ms(ours, asked)), asyncio.run(median_ms(bare, directly))) for _ in range(ROUNDS)
            ]
    ratio = statistics.median(mine / other for mine, other in rates)
    ours_each, bare_each = (statistics.median(column) for column in zip(*rates, strict=True))
    added = statistics.median(mine - other for mine, other in times)
    compared = f"({ours_each:.0f} against {bare_each:.0f}; {CALLERS} callers, one row each)"
    return [
        ("router / bare worker, requests per second", ratio, f"bound: at least 0.7 {compared}"),
        ("router, added to the median answer, ms", added, f"bound: 1 (to {times[0][1]:.2f} ms; one caller)"),
    ]
