"""Asks an endpoint over HTTP, with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from ....core.errors import DataError, GroundplanError, Problem, ResourceFailedError, TimeoutReachedError
from ...contract.deployment import Deployment


class KeyRefusedError(GroundplanError):
    """The endpoint wants another key than the one the config refers to."""

    code = "API_KEY"


def ask(deployment: Deployment, method: str, path: str, *, body: bytes | None = None, api_key: str | None = None,
        seconds: float = 5.0) -> tuple[int, bytes]:  # fmt: skip
    """Status and body of the answer. Raises ResourceFailedError when nobody answers, TimeoutReachedError."""
    address = urlsplit(deployment.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if api_key is not None:
        headers["X-API-Key"] = api_key
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except TimeoutError as error:
        raise TimeoutReachedError(f"{deployment.url} did not answer within {seconds:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise ResourceFailedError(
            f"{deployment.url} does not answer: {error}",
            hint="groundplan status shows why; groundplan up starts it again.",
        ) from error
    finally:
        connection.close()


def predict(deployment: Deployment, rows: Sequence[Mapping[str, object]], *, api_key: str | None) -> dict[str, Any]:
    """The endpoint's answer for these rows. Raises DataError that names the fields when it refuses them."""
    body = json.dumps({"instances": list(rows)}, allow_nan=False).encode()
    seconds = deployment.settings.request_timeout_seconds + 5.0
    status, content = ask(deployment, "POST", "/predict", body=body, api_key=api_key, seconds=seconds)
    answer = _object(content)
    if status == 200:
        return answer
    raise _refusal(deployment, status, answer)


def row_schema(deployment: Deployment, *, api_key: str | None) -> dict[str, Any]:
    """The JSON schema of one row, from the endpoint's OpenAPI document."""
    status, content = ask(deployment, "GET", "/openapi.json", api_key=api_key)
    document = _object(content)
    if status != 200:
        raise _refusal(deployment, status, document)
    return cast("dict[str, Any]", document["components"]["schemas"]["Row"])


def counters(deployment: Deployment, *, api_key: str | None) -> dict[str, float]:
    """Prediction requests, failed ones, rows and unwritten log lines since the server started; empty when refused."""
    status, content = ask(deployment, "GET", "/metrics", api_key=api_key, seconds=2.0)
    found = {"requests": 0.0, "errors": 0.0, "rows": 0.0, "log_failures": 0.0}
    if status != 200:
        return {}
    for line in content.decode(errors="replace").splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("groundplan_requests_total{") and 'route="/predict"' in name:
            found["requests"] += float(value)
            found["errors"] += float(value) if 'status="5' in name else 0.0
        elif name == "groundplan_rows_total":
            found["rows"] = float(value)
        elif name == "groundplan_request_log_failures_total":
            found["log_failures"] = float(value)
    return found


def _refusal(deployment: Deployment, status: int, answer: Mapping[str, Any]) -> GroundplanError:
    message = str(answer.get("message", "")) or f"status {status}"
    request = f"{deployment.url}/predict, request {answer.get('request_id', 'unknown')}"
    if status == 401:
        return KeyRefusedError(
            "the endpoint refuses the API key", where=request, hint="Deploy again after the key was changed."
        )
    if status in (400, 413, 415, 422):
        detail = cast("Sequence[Mapping[str, Any]]", answer.get("detail", ()))
        problems = [Problem(message=text, where=request) for text in _summed_up(detail, message)]
        return DataError(
            f"the endpoint refuses the data: {message}",
            where=request,
            hint=f"{deployment.url}/docs shows the fields.",
            problems=problems,
        )
    if status == 504:
        return TimeoutReachedError(f"the endpoint gave up: {message}", where=request)
    return ResourceFailedError(
        f"the endpoint failed ({status}): {message}", where=request, hint="groundplan logs shows why."
    )


def _summed_up(detail: Sequence[Mapping[str, Any]], message: str) -> list[str]:
    """One text per problem, and one for all the fields that a row lacks."""
    missing: dict[object, list[str]] = {}
    texts: list[str] = []
    for one in detail:
        if one.get("type") == "missing":
            missing.setdefault(one.get("row"), []).append(repr(one.get("field")))
        else:
            texts.append(str(one.get("msg", message)))
    return [*(f"row {row} lacks the fields {', '.join(fields)}" for row, fields in missing.items()), *texts]


def _object(content: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(content)
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
