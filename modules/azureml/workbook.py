"""The workbook of an environment: requests, failures and latency of each endpoint, and what its runs came to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..contract.context import Context
from ..contract.monitoring import WatchedEndpoint

_DAY_MS = 86_400_000


def serialized(context: Context, endpoints: Sequence[WatchedEndpoint]) -> str:
    """The workbook as Azure stores it: JSON, the same text for the same endpoints."""
    items = [
        _text("title", f"# {context.project} {context.environment}"),
        _chart("runs", "Runs by their end", _RUNS, "unstackedbar"),
    ]
    for one in endpoints:
        of = f'AmlOnlineEndpointTrafficLog | where EndpointName == "{one.outputs.name}"'
        items += [
            _text(f"{one.endpoint}-heading", f"## {one.endpoint}: {one.model}"),
            _chart(f"{one.endpoint}-requests", "Requests by response", f"{of} | {_REQUESTS}", "timechart"),
            _chart(f"{one.endpoint}-latency", "Milliseconds", f"{of} | {_LATENCY}", "timechart"),
        ]
    return json.dumps({"version": "Notebook/1.0", "items": items, "isLocked": False}, indent=2)


_RUNS = "AmlRunStatusChangedEvent | summarize count() by Status, bin(TimeGenerated, 1h)"
_REQUESTS = "summarize count() by tostring(ResponseCode), bin(TimeGenerated, 5m)"
_LATENCY = "summarize percentiles(TotalDurationMs, 50, 95, 99) by bin(TimeGenerated, 5m)"


def _text(name: str, text: str) -> dict[str, object]:
    return {"type": 1, "name": name, "content": {"json": text}}


def _chart(name: str, title: str, query: str, visualization: str) -> dict[str, object]:
    content = {
        "version": "KqlItem/1.0",
        "title": title,
        "query": query,
        "queryType": 0,
        "resourceType": "microsoft.operationalinsights/workspaces",
        "size": 0,
        "timeContext": {"durationMs": _DAY_MS},
        "visualization": visualization,
    }
    return {"type": 3, "name": name, "content": content}
