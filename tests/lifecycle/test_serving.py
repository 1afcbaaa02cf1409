"""The endpoint's HTTP side, asked over real sockets at one real server process.

Not proved here: behaviour behind a reverse proxy, and limits at thousands of connections.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from groundplan.core.errors import GroundplanError
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from endpoint_kit import ROW, endpoints, lines, post, raw, running, save_classifier

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.deployment import Deployment


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def endpoint(root: Path, model: Path) -> Iterator[Deployment]:
    with running(
        root, model, max_body_bytes=20_000, max_batch_rows=5, request_timeout_seconds=2, log_sample=1.0,
        allowed_hosts=("models.example",),
    ) as deployment:  # fmt: skip
        yield deployment


def test_one_row_a_list_and_instances_are_answered_alike(endpoint: Deployment) -> None:
    one, listed, instances = (post(endpoint, body).json() for body in (ROW, [ROW], {"instances": [ROW]}))

    assert one["predictions"] == listed["predictions"] == instances["predictions"] == ["no"]
    assert one["model"] == {"name": "churn", "version": 1}
    assert set(one["probabilities"][0]) == {"no", "yes"}
    assert sum(one["probabilities"][0].values()) == pytest.approx(1.0)


def test_a_batch_keeps_its_order(endpoint: Deployment) -> None:
    rows = [{**ROW, "age": age} for age in (21, 59, 22, 58)]

    assert post(endpoint, rows).json()["predictions"] == ["no", "yes", "no", "yes"]


def test_the_answer_carries_model_and_request_id(endpoint: Deployment) -> None:
    answer = post(endpoint, ROW, **{"X-Request-ID": "order-42"})

    assert answer.headers["x-model-name"] == "churn"
    assert answer.headers["x-model-version"] == "1"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "order-42"
    assert "server" not in answer.headers


@pytest.mark.parametrize("given_id", ["a b", "x" * 65, "<script>", ""])
def test_a_malformed_request_id_is_replaced(endpoint: Deployment, given_id: str) -> None:
    answer = post(endpoint, ROW, **{"X-Request-ID": given_id})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["request_id"])


@pytest.mark.parametrize("plan", [None, "never seen"])
def test_optional_fields_may_be_null_absent_or_new(endpoint: Deployment, plan: str | None) -> None:
    absent = {name: value for name, value in ROW.items() if name != "plan"}

    assert post(endpoint, {**ROW, "plan": plan}).status_code == 200
    assert post(endpoint, absent).status_code == 200


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ({**ROW, "age": "old"}, "age", "field 'age' of row 1 must be a number"),
        ({**ROW, "age": None}, "age", "field 'age' of row 1 must be a number"),
        ({**ROW, "age": True}, "age", "field 'age' of row 1 must be a number"),
        ({**ROW, "active": 1}, "active", "field 'active' of row 1 must be true or false"),
        ({**ROW, "plan": 7}, "plan", "field 'plan' of row 1 must be text or null"),
        ({**ROW, "colour": 1}, "colour", "field 'colour' of row 1 is not a field of the model"),
        ({"plan": "gold", "active": True}, "age", "field 'age' of row 1 is missing; it must be a number"),
        ([1], "", "row 1 must be an object of fields"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(
    endpoint: Deployment, row: object, field: str, said: str
) -> None:
    answer = post(endpoint, [ROW, row])

    assert answer.status_code == 422
    [problem] = answer.json()["detail"]
    assert (problem["field"], problem["row"], problem["msg"]) == (field, 1, said)
    assert problem["loc"][:2] == ["body", 1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"age": NaN, "active": true}', 400),
        (b'{"age": -Infinity, "active": true}', 400),
        (b'{"age": 1e999, "active": true}', 422),
        (b'{"age": ' + b"9" * 400 + b', "active": true}', 422),
        (b"[" * 9000 + b"]" * 9000, 400),
        (b'{"age":' * 2000 + b"1" + b"}" * 2000, 400),
        (b'"\xff"', 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"instances": []}', 422),
        (b'{"instances": 5}', 422),
        (b'{"instances": [], "age": 5}', 422),
    ],
)
def test_bodies_that_hold_no_rows_are_refused(endpoint: Deployment, body: bytes, status: int) -> None:
    assert post(endpoint, body).status_code == status


def test_too_many_rows_are_refused_with_the_limit(endpoint: Deployment) -> None:
    answer = post(endpoint, [ROW] * 6)

    assert (answer.status_code, answer.json()["message"]) == (422, "the body holds 6 rows; from 1 to 5 are taken")


def test_a_body_that_declares_100_mb_is_refused(endpoint: Deployment) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = raw(endpoint, head + b"Expect: 100-continue\r\nContent-Length: 100000000\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_grows_past_the_limit_is_refused_and_read_no_further_than_needed(endpoint: Deployment) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 10_000

    answer = httpx.post(f"{endpoint.url}/predict", content=chunks(), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/csv"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_only_plain_json_is_taken(endpoint: Deployment, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{endpoint.url}/predict", content=json.dumps(ROW), headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::2]", "10.0.0.1"]
)
def test_a_foreign_host_is_refused(endpoint: Deployment, host: str) -> None:
    answer = raw(endpoint, f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 421")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "models.example:443"])
def test_its_own_names_are_answered(endpoint: Deployment, host: str) -> None:
    answer = raw(endpoint, f"GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /../../etc/passwd HTTP/1.1",
        b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
        b"GET //predict HTTP/1.1",
        b"GET /predict/ HTTP/1.1",
        b"GET http://evil.example/ HTTP/1.1",
        b"GET /docs%00 HTTP/1.1",
        b"DELETE /predict HTTP/1.1",
        b"TRACE / HTTP/1.1",
        b"GARBAGE",
        b"GET / HTTP/x",
    ],
)
def test_odd_requests_get_a_4xx(endpoint: Deployment, request_line: bytes) -> None:
    answer = raw(endpoint, request_line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert re.match(rb"HTTP/1.1 4\d\d", answer)


def test_a_huge_head_is_refused(endpoint: Deployment) -> None:
    answer = raw(endpoint, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 40_000)

    assert re.match(rb"HTTP/1.1 4\d\d", answer)


def test_two_hosts_and_smuggled_lengths_are_refused(endpoint: Deployment) -> None:
    hosts = raw(endpoint, b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    lengths = raw(
        endpoint, b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"
    )

    assert hosts.startswith(b"HTTP/1.1 400")
    assert lengths.startswith(b"HTTP/1.1 400")


def test_requests_sent_in_one_go_are_answered_in_their_order(endpoint: Deployment) -> None:
    request = "GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n"
    both = request.format("/healthz", "") + request.format("/nowhere", "Connection: close\r\n")

    assert re.findall(rb"HTTP/1.1 (\d+)", raw(endpoint, both.encode())) == [b"200", b"404"]


@pytest.mark.parametrize("dribble", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_connection_that_sends_no_whole_head_is_closed(endpoint: Deployment, dribble: bytes) -> None:
    assert raw(endpoint, dribble) == b""


def test_a_body_that_dribbles_is_ended(endpoint: Deployment) -> None:
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"

    assert raw(endpoint, head).startswith(b"HTTP/1.1 408")


def test_the_second_slow_head_of_a_connection_is_bounded_too(endpoint: Deployment) -> None:
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=120) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX")
        assert connection.recv(4096) in (b"", b'{"status":"alive"}')
        assert connection.recv(4096) == b""


def test_the_openapi_document_describes_the_columns(endpoint: Deployment) -> None:
    document = httpx.get(f"{endpoint.url}/openapi.json").json()

    row = document["components"]["schemas"]["Row"]
    assert row["additionalProperties"] is False
    assert sorted(row["required"]) == ["active", "age"]
    assert {name: _types(field) for name, field in row["properties"].items()} == {
        "age": ["number"],
        "plan": ["string", "null"],
        "active": ["boolean"],
    }
    assert "/predict" in document["paths"]


def _types(field: dict[str, Any]) -> list[str]:
    return [one["type"] for one in field.get("anyOf", [field])]


def test_the_docs_page_loads_nothing_from_anywhere(endpoint: Deployment) -> None:
    answer = httpx.get(f"{endpoint.url}/docs")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"https?://|<script|<link|<img", answer.text)
    assert "<code>age</code>" in answer.text


def test_metrics_count_requests_by_status_and_rows(endpoint: Deployment) -> None:
    def number(name: str) -> float:
        text = httpx.get(f"{endpoint.url}/metrics").text
        return next((float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name)), 0.0)

    good, bad = (f'groundplan_requests_total{{route="/predict",status="{status}"}}' for status in (200, 422))
    before = number(good), number(bad), number("groundplan_rows_total")
    post(endpoint, [ROW, ROW])
    post(endpoint, {})

    assert (number(good), number(bad), number("groundplan_rows_total")) == (before[0] + 1, before[1] + 1, before[2] + 2)
    assert number("groundplan_model{") == 1
    assert number("groundplan_requests_in_flight") == 1


def test_each_request_leaves_a_line_and_sampled_ones_their_values(endpoint: Deployment, root: Path) -> None:
    post(endpoint, ROW, **{"X-Request-ID": "logged-1"})

    log = endpoints(root).request_log("churn", "dev")
    [entry] = [entry for entry in lines(log) if entry["request_id"] == "logged-1"]
    assert {name: entry[name] for name in entry if name not in ("time", "ms", "probabilities")} == {
        "request_id": "logged-1",
        "method": "POST",
        "route": "/predict",
        "status": 200,
        "rows": 1,
        "model": "churn",
        "version": 1,
        "inputs": [ROW],
        "outputs": ["no"],
    }


def test_it_listens_on_loopback_only(endpoint: Deployment, root: Path) -> None:
    [state] = endpoints(root).states()
    assert state.pid is not None

    listening = [one for one in psutil.Process(state.pid).net_connections() if one.status == psutil.CONN_LISTEN]
    assert {(one.laddr.ip, one.laddr.port) for one in listening} == {("127.0.0.1", endpoint.port)}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=6,
)
_ROWS = st.fixed_dictionaries(
    {"age": st.floats(allow_nan=False, allow_infinity=False) | st.integers(), "active": st.booleans()},
    optional={"plan": st.none() | st.text(max_size=20), "more": _VALUES},
)
_BODIES = (
    st.binary(max_size=200)
    | _VALUES.map(lambda value: json.dumps(value).encode())
    | (_ROWS | st.lists(_ROWS, max_size=4)).map(lambda value: json.dumps(value).encode())
)


@fuzzing(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_BODIES)
def test_no_body_makes_it_fail(endpoint: Deployment, body: bytes) -> None:
    answer = post(endpoint, body)

    assert answer.status_code in (200, 400, 422)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_errors_of_the_endpoint_name_the_fields(endpoint: Deployment, root: Path) -> None:
    with pytest.raises(GroundplanError) as refused:
        endpoints(root).predict(endpoint, [{**ROW, "age": "old"}, {**ROW, "colour": "red"}])

    assert [problem.message for problem in refused.value.problems] == [
        "field 'age' of row 0 must be a number",
        "field 'colour' of row 1 is not a field of the model",
    ]


def test_the_api_key_is_demanded_everywhere_but_for_health(root: Path, model: Path, tmp_path: Path) -> None:
    with running(tmp_path, model, key="canary-8d1f", api_key="${env:KEY}") as deployment:
        paths = ("/", "/metrics", "/openapi.json", "/docs", "/nowhere")
        without = {path: httpx.get(deployment.url + path).status_code for path in paths}
        wrong = post(deployment, ROW, **{"X-API-Key": "canary-8d1"}).status_code
        right = post(deployment, ROW, **{"X-API-Key": "canary-8d1f"}).status_code
        health = {path: httpx.get(deployment.url + path).status_code for path in ("/healthz", "/readyz")}
        asked = endpoints(tmp_path, key="canary-8d1f").predict(deployment, [ROW])
        [state] = endpoints(tmp_path, key="canary-8d1f").states()
        process = psutil.Process(state.pid)
        visible = [*process.cmdline(), *process.environ().values()]
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert without == dict.fromkeys(paths, 401)
    assert (wrong, right) == (401, 200)
    assert health == {"/healthz": 200, "/readyz": 200}
    assert asked["predictions"] == ["no"]
    assert state.counters is not None
    assert not any("canary-8d1f" in text for text in visible)
    assert b"canary-8d1f" not in written


def test_a_request_under_way_is_answered_before_the_server_stops(model: Path, tmp_path: Path) -> None:
    body = json.dumps(ROW).encode()
    head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    with running(tmp_path, model) as deployment:
        [state] = endpoints(tmp_path).states()
        with socket.create_connection(("127.0.0.1", deployment.port), timeout=120) as connection:
            connection.sendall(head.encode())
            assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
            process = psutil.Process(state.pid)
            process.terminate()
            time.sleep(0.3)
            connection.sendall(body)
            answer = b""
            while chunk := connection.recv(4096):
                answer += chunk
        process.wait(timeout=120)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"predictions":["no"]' in answer
