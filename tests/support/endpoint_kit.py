"""What the endpoint tests share: small real models, settings on free ports, plain HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import httpx
import psutil
from groundplan.core import digests, extras
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, EndpointState, ServedModel
from groundplan.lifecycle.local.endpoints import LocalEndpoints
from groundplan.lifecycle.local.serving.records import EndpointFolder

COLUMNS = ("age", "plan", "active")
ROW: dict[str, object] = {"age": 40.0, "plan": "basic", "active": True}


_SIGNATURE = [
    {"name": "age", "type": "double", "required": True},
    {"name": "plan", "type": "string", "required": False},
    {"name": "active", "type": "boolean", "required": True},
]


def save_classifier(path: Path, *, flipped: bool = False, broken: bool = False) -> Path:
    """A classifier that knows numbers, text (may be missing) and truth values.

    ``flipped`` answers the contrary; ``broken`` loads like any other and fails on every row.
    """
    pandas, compose = extras.load("pandas"), extras.load("sklearn.compose")
    pipeline, encoding = extras.load("sklearn.pipeline"), extras.load("sklearn.preprocessing")
    gaps = extras.load("sklearn.impute").SimpleImputer()
    logistic = extras.load("sklearn.linear_model").LogisticRegression(max_iter=1000)
    frame: Any = pandas.DataFrame(
        {"age": [float(n) for n in range(20, 60)], "plan": ["basic", "gold"] * 20, "active": [True, False] * 20}
    )
    labels = ["yes" if (age > 40) != flipped else "no" for age in frame["age"]]
    columns = (encoding.OneHotEncoder(handle_unknown="ignore"), ["plan"]), (gaps, ["age"])
    estimator = pipeline.make_pipeline(compose.make_column_transformer(*columns), logistic).fit(frame, labels)
    if broken:
        logistic.coef_ = None
    return save_model(path, estimator, _SIGNATURE)


def save_model(path: Path, estimator: object, signature: Sequence[Mapping[str, object]]) -> Path:
    """A model folder as MLflow writes it with serialization_format="skops", without MLflow's two seconds."""
    import sklearn  # pyright: ignore[reportMissingTypeStubs]
    import skops.io  # pyright: ignore[reportMissingTypeStubs]

    path.mkdir(parents=True)
    skops.io.dump(estimator, path / "model.skops")
    flavor = {"pickled_model": "model.skops", "serialization_format": "skops", "sklearn_version": sklearn.__version__}
    description = {"flavors": {"sklearn": flavor}, "signature": {"inputs": json.dumps(list(signature))}}
    (path / "MLmodel").write_text(json.dumps(description), encoding="utf-8")
    return path


def served(path: Path, version: int = 1) -> ServedModel:
    """That model as the registry vouches for it."""
    return ServedModel(name="churn", version=version, digest=digests.of_path(path), path=path, task="classification",
                       trusted_types=("numpy.dtype",))  # fmt: skip


def settings(**changes: Any) -> EndpointSettings:
    """An endpoint on a port that is free now."""
    fields: dict[str, Any] = {"name": "churn", "environment": "dev", "model": "churn", "port": free_port()}
    return EndpointSettings(**{**fields, **changes})


def free_port() -> int:
    """A port that nobody listens on, that the system gives to nobody by itself, and that no other test is given."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def _ports() -> Iterator[int]:
    """Those below the range of the system, each once; several workers have different ones."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _MOST_WORKERS
    below = range(_FIRST_PORT + worker, _FIRST_SYSTEM_PORT, _MOST_WORKERS)
    start = random.SystemRandom().randrange(len(below))
    yield from (*below[start:], *below[:start])


_FIRST_PORT, _FIRST_SYSTEM_PORT, _MOST_WORKERS = 12_000, 32_768, 16
_PORTS = _ports()


def no_models() -> Any:
    """For tests that never start a server from what is on disk."""
    raise AssertionError("the registry was asked")


def endpoints(root: Path, *, key: str = "", models: Any = no_models) -> LocalEndpoints:
    """The endpoints of the project in ``root``."""

    def value_of(reference: str) -> str:
        assert reference == "${env:KEY}"
        return key

    return LocalEndpoints(Layout(root), value_of=value_of, models=models)


@contextmanager
def running(root: Path, model: Path, *, key: str = "", **changes: Any) -> Generator[Deployment]:
    """A deployed endpoint, stopped at the end."""
    local = endpoints(root, key=key)
    state = local.deploy(settings(**changes), served(model), who="test")
    try:
        yield state.deployment
    finally:
        local.undeploy("churn", "dev")


def post(deployment: Deployment, body: object, **headers: str) -> httpx.Response:
    """POST /predict with this value as JSON."""
    return httpx.post(
        f"{deployment.url}/predict",
        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers},
        timeout=120,
    )


def raw(deployment: Deployment, request: bytes, *, seconds: float = 60.0) -> bytes:
    """What comes back for these very bytes, until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", deployment.port), timeout=seconds) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def lines(path: Path) -> list[Mapping[str, Any]]:
    """The objects of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def folder_of(root: Path) -> EndpointFolder:
    """Where the endpoint's files are."""
    return EndpointFolder.of(Layout(root), "churn", "dev")


def servers(root: Path) -> list[int]:
    """Every router of this project, however it is recorded."""
    return [process.pid for process in _processes(root) if process.info["cmdline"][-1] == str(folder_of(root).path)]


def workers(root: Path) -> list[int]:
    """Every worker of this project, of whichever router."""
    return [process.pid for process in _processes(root) if process.pid not in servers(root)]


def _processes(root: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline", "status"]):
        words: list[str] = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and str(folder_of(root).path) in words:
            yield process


def wait_until_alone(root: Path, *pids: int) -> None:
    """Only these servers are left, with a worker each; others may still be ending, and nobody else waits for them."""
    deadline = time.monotonic() + 60
    while (servers(root), len(workers(root))) != ([*pids], len(pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (servers(root), len(workers(root))) == ([*pids], len(pids))


def ready(root: Path, model: Path, **changes: Any) -> EndpointState:
    """What serves already, or version 1 of this model: a start costs seconds, and many tests need none of their own."""
    local = endpoints(root)
    for state in local.states():
        if state.health == "ready":
            return state
    return local.deploy(settings(**changes), served(model), who="ada")


def resume(local: LocalEndpoints) -> EndpointState:
    """The endpoint as it is once what should serve does."""
    assert local.places() == [("churn", "dev")]
    state = local.resume("churn", "dev")
    assert state is not None
    return state


def registry(path: Path) -> Any:
    """A registry that vouches for this model."""
    known = served(path)
    version = SimpleNamespace(digest=known.digest, trusted_types=known.trusted_types, path=path)
    return lambda: SimpleNamespace(get=lambda name, number: version)  # pyright: ignore[reportUnknownLambdaType]


class Load:
    """Callers that ask again and again, some over kept connections, some over new ones."""

    def __init__(self, url: str, callers: int = 4) -> None:
        self.answers: list[tuple[int, int]] = []
        self.failures: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n % 2 == 0,)) for n in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(0.3)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.3)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, keep: bool) -> None:
        client = httpx.Client(timeout=120, limits=httpx.Limits(max_keepalive_connections=1 if keep else 0))
        with client:
            while not self._stop.is_set():
                try:
                    answer = client.post(f"{self._url}/predict", json=ROW)
                    self.answers.append((answer.status_code, answer.json()["model"]["version"]))
                except (httpx.HTTPError, KeyError) as error:
                    self.failures.append(repr(error))
