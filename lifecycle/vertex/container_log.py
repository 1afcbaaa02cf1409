"""What the containers of an endpoint wrote, as Cloud Logging has it.

The log and its labels: https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..patience import Patience
from . import log_entries
from .calls import Calls

_LOG: Final = "aiplatform.googleapis.com%2Fprediction_container"


def filter_of(endpoint: str) -> str:
    """Which entries are of an endpoint's containers."""
    return (
        f'logName="projects/{endpoint.split("/")[1]}/logs/{_LOG}" AND '
        f'resource.type="aiplatform.googleapis.com/Endpoint" AND '
        f'resource.labels.endpoint_id="{endpoint.rpartition("/")[2]}"'
    )


def read(calls: Calls, endpoint: str, ids: Sequence[str], lines: int, patience: Patience) -> str:
    """The last lines of these deployed models, oldest first, each with its time and severity."""
    wanted = f"{filter_of(endpoint)} AND labels.deployed_model_id={log_entries.any_of(ids)}"
    entries = list(log_entries.read(calls, endpoint, wanted, patience, order="desc", most=lines))
    return "".join(f"{_line(one)}\n" for one in reversed(entries))


def _line(entry: Mapping[str, Any]) -> str:
    return f"{entry['timestamp']} {entry.get('severity', 'DEFAULT')} {log_entries.message(entry)}"
