"""Endpoints of other models and settings: whole numbers, regression, slow models, every address; the log's rotation."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from groundplan.core import extras
from groundplan.core.errors import TimeoutReachedError
from groundplan.lifecycle.local.serving.request_log import RequestLog

from endpoint_kit import ROW, endpoints, lines, post, raw, running, save_classifier, save_model

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.deployment import Deployment

NUMBERS: dict[str, object] = {"rooms": 3, "inhabitants": 5_000_000_000, "garden": True, "size": 1.5}


@pytest.fixture(scope="module")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A linear model: rooms + 2 garden + size, and nothing for its inhabitants."""
    pandas, linear = extras.load("pandas"), extras.load("sklearn.linear_model")
    rows = [(rooms, 7 + rooms, garden, size) for rooms in (1, 2, 5) for garden in (True, False) for size in (0.5, 2.0)]
    frame: Any = pandas.DataFrame(rows, columns=list(NUMBERS))
    estimator = linear.LinearRegression().fit(frame.assign(inhabitants=0), [r + 2 * g + s for r, _, g, s in rows])
    types = zip(NUMBERS, ("integer", "long", "boolean", "float"), strict=True)
    signature = [{"name": name, "type": kind, "required": name != "rooms"} for name, kind in types]
    folder = tmp_path_factory.mktemp("regression")
    model = save_model(folder / "model", estimator, signature)
    # Bound to every address on purpose: with a key, as the config demands then.
    with running(folder, model, host="0.0.0.0", key="canary", api_key="${env:KEY}") as deployment:
        yield deployment


def _ask(deployment: Deployment, body: object) -> httpx.Response:
    return post(deployment, body, **{"X-API-Key": "canary"})


def test_a_regression_predicts_numbers_and_no_probabilities(regression: Deployment) -> None:
    answer = _ask(regression, [NUMBERS, {**NUMBERS, "garden": False, "size": 2}]).json()

    assert answer["predictions"] == pytest.approx([6.5, 5.0], abs=1e-5)
    assert "probabilities" not in answer


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("rooms", 1.5, "must be a whole number of 32 bits or null"),
        ("rooms", True, "must be a whole number of 32 bits or null"),
        ("rooms", 2**31, "must be a whole number of 32 bits or null"),
        ("rooms", "3", "must be a whole number of 32 bits or null"),
        ("inhabitants", 2**63, "must be a whole number"),
        ("inhabitants", 1.5, "must be a whole number"),
        ("garden", 0, "must be true or false"),
        ("garden", "true", "must be true or false"),
        ("size", "1.5", "must be a number"),
    ],
)
def test_a_value_of_another_kind_is_refused(regression: Deployment, field: str, value: object, said: str) -> None:
    answer = _ask(regression, {**NUMBERS, field: value})

    assert (answer.status_code, answer.json()["message"]) == (422, f"field '{field}' of row 0 {said}")


@pytest.mark.parametrize("inhabitants", [-(2**63), 2**63 - 1])
def test_the_largest_whole_numbers_are_taken(regression: Deployment, inhabitants: int) -> None:
    assert _ask(regression, {**NUMBERS, "inhabitants": inhabitants}).status_code == 200


def test_a_gap_that_the_model_cannot_work_with_is_refused_in_its_words(regression: Deployment) -> None:
    answer = _ask(regression, {**NUMBERS, "rooms": None})

    assert (answer.status_code, answer.json()["error"]) == (422, "model-refused")
    assert "NaN" in answer.json()["message"]


def test_on_every_address_the_key_is_demanded_and_addresses_are_own_names(regression: Deployment) -> None:
    head = "GET / HTTP/1.1\r\nHost: {}\r\nX-API-Key: {}\r\nConnection: close\r\n\r\n"
    statuses = [
        raw(regression, head.format(host, key).encode())[9:12]
        for host, key in (("10.1.2.3:80", "canary"), ("10.1.2.3", "other"), ("evil.example", "canary"))
    ]
    listening = {
        (one.laddr.ip, one.laddr.port)
        for process in psutil.process_iter()
        if str(regression.served.path.parent) in " ".join(_words(process))
        for one in process.net_connections()
        if one.status == psutil.CONN_LISTEN
    }

    assert statuses == [b"200", b"401", b"421"]
    assert ("0.0.0.0", regression.port) in listening
    assert {address for address, port in listening if port != regression.port} == {"127.0.0.1"}  # its worker's
    assert regression.url == f"http://127.0.0.1:{regression.port}"


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


_SLOW_MODEL = textwrap.dedent(
    """
    import sys, time

    class Slow:
        def find_spec(self, name, path, target=None):
            if name == "groundplan.lifecycle.local.serving.worker":
                from groundplan.lifecycle.local.serving.predictor import Predictor
                quick = Predictor.predict
                def slow(self, rows):
                    time.sleep(5 if rows[0]["age"] == 99 else 0)
                    return quick(self, rows)
                Predictor.predict = slow

    sys.meta_path.insert(0, Slow())
    """
)


def test_a_model_that_takes_too_long_gets_a_504_and_the_next_request_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shim").mkdir()
    (tmp_path / "shim" / "sitecustomize.py").write_text(_SLOW_MODEL)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "shim"))
    slow = {**ROW, "age": 99.0}

    with running(tmp_path, save_classifier(tmp_path / "model"), request_timeout_seconds=2) as deployment:
        late = post(deployment, slow)
        alive = httpx.get(f"{deployment.url}/healthz").status_code
        quick = post(deployment, ROW)
        with pytest.raises(TimeoutReachedError, match="no prediction within 2 s"):
            endpoints(tmp_path).predict(deployment, [slow])

    assert (late.status_code, late.json()["error"], late.json()["message"]) == (
        504, "timeout", "no prediction within 2 s"
    )  # fmt: skip
    assert (alive, quick.status_code) == (200, 200)


def test_the_request_log_is_rotated_by_size_and_three_old_files_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    log = RequestLog(path, on_failure=_fail, max_bytes=30)

    for number in range(11):
        log.write({"number": number})  # 13 or 14 bytes: three make a file

    log.close()
    found = {one.name: [entry["number"] for entry in lines(one)] for one in sorted(tmp_path.iterdir())}
    assert found == {
        "requests.jsonl": [9, 10],
        "requests.jsonl.1": [6, 7, 8],
        "requests.jsonl.2": [3, 4, 5],
        "requests.jsonl.3": [0, 1, 2],
    }


def test_the_oldest_file_gives_way(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "requests.jsonl", on_failure=_fail, max_bytes=1)

    for number in range(9):
        log.write({"number": number})

    log.close()
    found = {one.name: one.read_text() for one in tmp_path.iterdir()}
    assert found == {f"requests.jsonl.{age}": json.dumps({"number": 9 - age}, separators=(",", ":")) + "\n"
                     for age in (1, 2, 3)}  # fmt: skip


def _fail() -> None:
    raise AssertionError("a line could not be written")
