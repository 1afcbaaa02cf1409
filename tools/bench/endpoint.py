"""Requests per second of an endpoint against a bare FastAPI app that calls the same model."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from . import Row
from ._serving import CALLERS, ROUNDS, endpoint, program, rate, request_for, trained

_BARE = """
import sys
from typing import Any
import pandas as pd, skops.io, uvicorn
from fastapi import FastAPI
from pydantic import create_model

model = skops.io.load(sys.argv[1] + "/model.skops")
columns = list(model.feature_names_in_)
Row = create_model("Row", **{name: (float, ...) for name in columns})
app = FastAPI()

@app.post("/predict")
def predict(row: Row) -> dict[str, Any]:
    frame = pd.DataFrame([row.model_dump()])
    shares = model.predict_proba(frame).tolist()
    names = [str(name) for name in model.classes_]
    return {"predictions": model.predict(frame).tolist(), "probabilities": [dict(zip(names, one)) for one in shares]}

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
"""


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        model, row = trained(Path(folder) / "model")
        asked = request_for(row)
        with endpoint(Path(folder), model) as ours, program(_BARE, model) as bare:
            rates = [(asyncio.run(rate(ours, asked)), asyncio.run(rate(bare, asked))) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in rates)
    ours_each, bare_each = (statistics.median(column) for column in zip(*rates, strict=True))
    note = f"bound: at least 0.8 ({ours_each:.0f} against {bare_each:.0f}; {CALLERS} callers, one row each)"
    return [("endpoint / bare FastAPI, requests per second", ratio, note)]
