"""The request log of Vertex AI's endpoints: the table in BigQuery into which an endpoint writes what it is asked.

Its form: https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from ...core import clock
from ...core.errors import UsageError
from ..contract.request_log import LogRemarks
from ..patience import Pace
from ..predicted import apart
from . import naming, request_ids
from .big_query import LIMIT_SECONDS, BigQuery
from .calls import Calls

LATE_SECONDS: Final = 600.0
"""How long a line is waited for. Google says nothing of it; rows are streamed, and can be read within seconds."""

_TABLE = re.compile(r"bq://(?P<table>[\w-]+\.\w+\.\w+)")
_SQL = (
    "SELECT deployed_model_id, logging_time, request_payload, response_payload FROM `{table}` "
    "WHERE logging_time >= @since AND logging_time < @until ORDER BY logging_time, request_id"
)
_DOING = "read the request log"


class VertexRequestLog:
    """What endpoints logged, read as who is signed in.

    ``taken_off`` says of an endpoint, by its id, which versions the deployed models were that are not there any more.
    """

    late_seconds = LATE_SECONDS

    def __init__(
        self, *, taken_off: Callable[[str], Mapping[str, int]], pace: Pace | None = None, page: int = 5000
    ) -> None:
        self._taken_off = taken_off
        self._pace = pace or Pace()
        self._page = page
        self._calls = Calls(self._pace)

    def begun(self, endpoint: str) -> str:
        """When the endpoint was made: by its number nothing was logged before; "" where it logs nothing."""
        there = self._calls.existing(endpoint, self._calls.patience(LIMIT_SECONDS))
        logs = bool(there.predict_request_response_logging_config.bigquery_destination.output_uri)
        return clock.to_text(there.create_time) if logs else ""

    def lines(
        self, endpoint: str, since: str, until: str, remarks: LogRemarks | None = None
    ) -> Iterator[Mapping[str, object]]:
        """The predictions of a stretch of time, by when Vertex AI logged them; nothing where it logs none."""
        there = self._calls.existing(endpoint, self._calls.patience(LIMIT_SECONDS))
        uri: str = there.predict_request_response_logging_config.bigquery_destination.output_uri
        if not uri:
            return
        versions, met = {**self._taken_off(endpoint), **_versions(there)}, remarks or LogRemarks()
        moments = {"since": clock.from_text(since), "until": clock.from_text(until)}
        read = BigQuery(table=table(uri, endpoint), region=endpoint.split("/")[3], pace=self._pace, page=self._page)
        for row in read.rows(_SQL.format(table=read.table), moments, doing=_DOING):
            line = _line(row, versions, met)
            if line is not None:
                yield line


def table(uri: str, endpoint: str) -> str:
    """The table that an endpoint logs into. Raises UsageError for what groundplan did not name."""
    found = _TABLE.fullmatch(uri)
    if found is None:
        raise UsageError(
            f"the endpoint logs its requests to {uri}, not into a table that groundplan named",
            where=endpoint,
            hint="groundplan up lets it log into the dataset of the environment.",
        )
    return found["table"]


def _versions(endpoint: Any) -> Mapping[str, int]:
    named = {one.id: naming.deployed_version(one.display_name) for one in endpoint.deployed_models}
    return {id: int(known[1]) for id, known in named.items() if known is not None}


def _line(row: Any, versions: Mapping[str, int], remarks: LogRemarks) -> dict[str, object] | None:
    """A row as a line; None for what cannot be one, which is counted."""
    id = str(row["deployed_model_id"])
    version = versions.get(id)
    if version is None:
        remarks.strangers += 1
        return None
    inputs = _payload(row["request_payload"], "instances")
    predictions = _payload(row["response_payload"], "predictions")
    if predictions is not None and not predictions:
        remarks.failed += 1
        return None
    if (
        not inputs
        or predictions is None
        or len(inputs) != len(predictions)
        or not all(isinstance(one, Mapping) for one in inputs)
    ):
        remarks.damaged += 1
        return None
    outputs, probabilities = apart(predictions)
    return {
        "time": clock.to_text(row["logging_time"]),
        "request_id": request_ids.request_id(inputs, id),
        "version": version,
        "rows": len(inputs),
        "inputs": inputs,
        "outputs": outputs,
        **({} if probabilities is None else {"probabilities": probabilities}),
    }


def _payload(texts: list[str], key: str) -> list[object] | None:
    """The values of a payload, each in a text of its own or all in the body under a key; None for no JSON."""
    try:
        values: list[object] = [json.loads(one) for one in texts]
    except ValueError:
        return None
    if len(values) == 1 and isinstance(values[0], Mapping) and key in values[0]:
        whole = cast("Mapping[str, object]", values[0])[key]
        return cast("list[object]", whole) if isinstance(whole, list) else None
    return values
