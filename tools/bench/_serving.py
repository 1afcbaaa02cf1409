"""What the benches of serving share: a model, an endpoint, other servers, callers."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from groundplan.core import digests, extras
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, ServedModel
from groundplan.lifecycle.local.platform import LocalPlatform

CALLERS = 4
SECONDS = 1.5
ROUNDS = 5
_ASKED = 300


def trained(path: Path) -> tuple[Path, bytes]:
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


def deployment(folder: Path, model: Path) -> Deployment:
    """What is served, before it is."""
    served = ServedModel(name="bench", version=1, digest=digests.of_path(model), path=model, task="classification")
    settings = EndpointSettings(name="bench", environment="dev", model="bench")
    return Deployment(settings=settings, served=served, previous=None, port=0, deployed="", deployed_by="bench")


@contextmanager
def endpoint(folder: Path, model: Path, *, log_sample: float = 0.0) -> Generator[int]:
    """The port of an endpoint with this model, which logs this share of its inputs and outputs."""
    endpoints = LocalPlatform(Layout(folder / "project")).endpoints
    wanted = deployment(folder, model)
    state = endpoints.deploy(replace(wanted.settings, log_sample=log_sample), wanted.served, who="bench")
    try:
        yield state.deployment.port
    finally:
        endpoints.undeploy("bench", "dev")


@contextmanager
def program(text: str, model: Path) -> Generator[int]:
    """The port of another server with this model: a program that is told the model's folder and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with subprocess.Popen([sys.executable, "-c", text, str(model), str(port)]) as process:
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


def request_for(row: bytes, *headers: str) -> bytes:
    """A prediction request, as it goes over the wire."""
    head = ["POST /predict HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(row)}", "", ""]).encode() + row


async def rate(port: int, request: bytes) -> float:
    """Answered requests per second of callers that each keep one connection."""
    started = time.perf_counter()
    deadline = started + SECONDS
    counts = await asyncio.gather(*(_call(port, request, deadline) for _ in range(CALLERS)))
    return sum(counts) / (time.perf_counter() - started)


async def median_ms(port: int, request: bytes) -> float:
    """The median time of one caller's requests, in milliseconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    for _ in range(_ASKED):
        started = time.perf_counter()
        await _ask(reader, writer, request)
        times.append(time.perf_counter() - started)
    writer.close()
    return statistics.median(times) * 1000


async def _call(port: int, request: bytes, deadline: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < deadline:
        await _ask(reader, writer, request)
        answered += 1
    writer.close()
    return answered


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.decode())
    await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
