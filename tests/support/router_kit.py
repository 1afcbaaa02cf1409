"""What tests of a router ask it and look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import httpx
from groundplan.lifecycle.contract.traffic import Observation

from endpoint_kit import endpoints, folder_of, registry


def wait_for(look: Callable[[], object], wanted: object, *, seconds: float = 60) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + seconds
    while look() != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert look() == wanted


def observed(root: Path, since: str) -> dict[int, Observation]:
    """What each version did."""
    return {one.version: one for one in endpoints(root).seen("churn", "dev", since).observed}


def ask(url: str, rows: Sequence[Mapping[str, object]]) -> list[int]:
    """The versions that answered."""
    with httpx.Client(timeout=120) as client:
        answers = [client.post(f"{url}/predict", json=row) for row in rows]
    assert [answer.status_code for answer in answers] == [200] * len(rows)
    assert [int(one.headers["x-model-version"]) for one in answers] == [
        one.json()["model"]["version"] for one in answers
    ]
    return [one.json()["model"]["version"] for one in answers]


def metric(url: str, name: str) -> float:
    """A number that the endpoint shows; 0 when it does not."""
    text = httpx.get(f"{url}/metrics").text
    return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)


def worker_of(root: Path, version: int) -> int:
    """The process of a version."""
    status = folder_of(root).status()
    assert status is not None
    [pid] = [worker.pid for worker in status.workers if worker.version == version]
    assert pid is not None
    return pid


def registry_of(model: Path, contrary: Path) -> Callable[[], object]:
    """A registry that vouches for versions 1 and 2."""
    known = {1: registry(model)().get("churn", 1), 2: registry(contrary)().get("churn", 2)}

    def get(_: str, version: int) -> object:
        return known[version]

    return lambda: SimpleNamespace(get=get)
