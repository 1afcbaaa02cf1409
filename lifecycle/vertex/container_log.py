"""What the containers of an endpoint wrote, as Cloud Logging has it.

The log and its labels: https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..patience import Patience
from .calls import Calls
from .client import address_of

_LOG: Final = "aiplatform.googleapis.com%2Fprediction_container"
_LARGEST_PAGE: Final = 1000


def filter_of(endpoint: str) -> str:
    """Which entries are of an endpoint's containers."""
    return (
        f'logName="projects/{endpoint.split("/")[1]}/logs/{_LOG}" AND '
        f'resource.type="aiplatform.googleapis.com/Endpoint" AND '
        f'resource.labels.endpoint_id="{endpoint.rpartition("/")[2]}"'
    )


def read(calls: Calls, endpoint: str, ids: Sequence[str], lines: int, patience: Patience) -> str:
    """The last lines of these deployed models, oldest first, each with its time and severity."""
    url = f"{address_of('logging', 'logging.googleapis.com')}/v2/entries:list"
    wanted: dict[str, object] = {
        "resourceNames": [f"projects/{endpoint.split('/')[1]}"],
        "filter": f"{filter_of(endpoint)} AND labels.deployed_model_id=({_any_of(ids)})",
        "orderBy": "timestamp desc",
    }
    entries: list[Mapping[str, Any]] = []
    token = ""
    while len(entries) < lines:
        body = {
            **wanted,
            "pageSize": min(lines - len(entries), _LARGEST_PAGE),
            **({"pageToken": token} if token else {}),
        }
        page = calls.ask(
            lambda body=body: calls.of(endpoint).post(url, body), patience, doing="read the log", resource=endpoint
        )
        entries += page.get("entries", [])
        token = page.get("nextPageToken", "")
        if not token:
            break
    return "".join(f"{_line(one)}\n" for one in reversed(entries[:lines]))


def _any_of(ids: Sequence[str]) -> str:
    return " OR ".join(f'"{id}"' for id in ids)


def _line(entry: Mapping[str, Any]) -> str:
    payload: Mapping[str, Any] = entry.get("jsonPayload", {})
    said = entry.get("textPayload") or payload.get("message") or payload
    return f"{entry['timestamp']} {entry.get('severity', 'DEFAULT')} {str(said).rstrip()}"
