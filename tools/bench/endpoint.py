"""Requests per second of an endpoint against a bare FastAPI app that calls the same model."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from groundplan.core import digests, extras
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.deployment import EndpointSettings, ServedModel
from groundplan.lifecycle.local.platform import LocalPlatform

from . import Row

_CALLERS = 4
_SECONDS = 1.5
_ROUNDS = 5

_BARE = """
import sys
from typing import Any
import pandas as pd, skops.io, uvicorn
from fastapi import FastAPI
from pydantic import create_model

model = skops.io.load(sys.argv[1])
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
        model, row = _model(Path(folder) / "model")
        with _endpoint(Path(folder), model) as ours, _bare(model) as bare:
            rates = [(asyncio.run(_rate(ours, row)), asyncio.run(_rate(bare, row))) for _ in range(_ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in rates)
    ours_each, bare_each = (statistics.median(column) for column in zip(*rates, strict=True))
    note = f"bound: at least 0.8 ({ours_each:.0f} against {bare_each:.0f}; {_CALLERS} callers, one row each)"
    return [("endpoint / bare FastAPI, requests per second", ratio, note)]


def _model(path: Path) -> tuple[Path, bytes]:
    """A scaled logistic regression on 30 columns, and a row for it."""
    datasets, pipeline = extras.load("sklearn.datasets"), extras.load("sklearn.pipeline")
    frame, labels = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
    frame.columns = [name.replace(" ", "_") for name in frame.columns]
    scaler = extras.load("sklearn.preprocessing").StandardScaler()
    estimator = pipeline.make_pipeline(scaler, extras.load("sklearn.linear_model").LogisticRegression())
    estimator.fit(frame, labels)
    path.mkdir()
    extras.load("skops.io").dump(estimator, path / "model.skops")
    signature = [{"name": name, "type": "double", "required": True} for name in frame.columns]
    flavor: dict[str, Any] = {"serialization_format": "skops", "pickled_model": "model.skops"}
    flavor["sklearn_version"] = extras.load("sklearn").__version__
    description = {"flavors": {"sklearn": flavor}, "signature": {"inputs": json.dumps(signature)}}
    (path / "MLmodel").write_text(json.dumps(description), encoding="utf-8")
    return path, json.dumps(frame.iloc[0].to_dict()).encode()


@contextmanager
def _endpoint(folder: Path, model: Path) -> Generator[int]:
    endpoints = LocalPlatform(Layout(folder / "project")).endpoints
    served = ServedModel(name="bench", version=1, digest=digests.of_path(model), path=model, task="classification")
    state = endpoints.deploy(EndpointSettings(name="bench", environment="dev", model="bench"), served, who="bench")
    try:
        yield state.deployment.port
    finally:
        endpoints.undeploy("bench", "dev")


@contextmanager
def _bare(model: Path) -> Generator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    program = [sys.executable, "-c", textwrap.dedent(_BARE), str(model / "model.skops"), str(port)]
    with subprocess.Popen(program) as process:
        try:
            _wait_until_open(port)
            yield port
        finally:
            process.terminate()


def _wait_until_open(port: int) -> None:
    async def attempt() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    deadline = time.monotonic() + 60
    while True:
        try:
            asyncio.run(attempt())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


async def _rate(port: int, row: bytes) -> float:
    """Answered requests per second of callers that each keep one connection."""
    head = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(row)}\r\n\r\n".encode() + row
    deadline = time.perf_counter() + _SECONDS
    started = time.perf_counter()
    counts = await asyncio.gather(*(_call(port, request, deadline) for _ in range(_CALLERS)))
    return sum(counts) / (time.perf_counter() - started)


async def _call(port: int, request: bytes, deadline: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < deadline:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(head.decode())
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        answered += 1
    writer.close()
    return answered
