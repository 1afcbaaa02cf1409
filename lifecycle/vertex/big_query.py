"""A question to BigQuery, as a job of the caller's own, and its rows, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .client import CALL_SECONDS, address_of, signed_in

LIMIT_SECONDS = 120.0
"""How long the answer, and then each page of it, may take."""

_Answer = TypeVar("_Answer")
Parameter = datetime | Sequence[Mapping[str, str]]
"""A moment, or a table of texts."""


def client(project: str, location: str | None) -> Any:
    """BigQuery's client for the money of a project, as who is signed in; without a location it looks anywhere."""
    address = address_of("bigquery", "bigquery.googleapis.com").partition("/bigquery/")[0]
    return load("google.cloud.bigquery").Client(
        project=project, location=location, credentials=signed_in(), client_options={"api_endpoint": address}
    )


@dataclass(frozen=True, kw_only=True)
class BigQuery:
    """A table, asked in its region; ``page`` is the most rows in an answer.

    ``payer`` is the project that pays for the question, "" for the table's own.
    """

    table: str
    region: str
    pace: Pace
    page: int = 5000
    payer: str = ""

    @property
    def uri(self) -> str:
        """Its address."""
        return f"bq://{self.table}"

    def described(self, *, doing: str) -> Any:
        """The table as BigQuery describes it, which costs nothing; None where it is not there yet."""

        def act() -> Any:
            return self._client().get_table(self.table, retry=None, timeout=CALL_SECONDS)

        return self._asked(act, doing)

    def rows(self, sql: str, parameters: Mapping[str, Parameter], *, doing: str) -> Iterator[Any]:
        """The rows, in the order that the question asks for; none where the table is not there yet.

        The SDK's own tries are switched off: they do not wait as the service asks.
        """
        job = self._asked(lambda: self._begin(sql, parameters), doing)
        patience = self._patience()
        if job is None or self._asked(lambda: patience.until(lambda: _done(job), doing=doing) or True, doing) is None:
            return
        position = 0
        while True:

            def page(begin: int = position) -> list[Any]:
                return list(
                    job.result(
                        start_index=begin, max_results=self.page, retry=None, job_retry=None, timeout=CALL_SECONDS
                    )
                )

            rows = self._asked(page, doing) or []
            yield from rows
            position += len(rows)
            if len(rows) < self.page:
                return

    def _begin(self, sql: str, parameters: Mapping[str, Parameter]) -> Any:
        bigquery = load("google.cloud.bigquery")
        given = [_parameter(bigquery, name, value) for name, value in parameters.items()]
        return self._client().query(
            sql, job_config=bigquery.QueryJobConfig(query_parameters=given), retry=None, job_retry=None,
            timeout=CALL_SECONDS,
        )  # fmt: skip

    def _client(self) -> Any:
        return client(self.payer or self.table.partition(".")[0], self.region)

    def _asked(self, act: Callable[[], _Answer], doing: str) -> _Answer | None:
        """What a call gives; None where there is no such table."""
        api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
        network = load("requests.exceptions").RequestException
        try:
            return self._patience().call(act, errors.again, doing=doing)
        except api.NotFound as error:
            if "not found: table" in str(error).lower():
                return None
            raise errors.translated(error, doing=doing, resource=self.uri) from error
        except (api.GoogleAPICallError, auth.GoogleAuthError, network) as error:
            raise errors.translated(error, doing=doing, resource=self.uri) from error

    def _patience(self) -> Patience:
        return Patience(seconds=LIMIT_SECONDS, pace=self.pace)


def _parameter(bigquery: Any, name: str, value: Parameter) -> Any:
    if isinstance(value, datetime):
        return bigquery.ScalarQueryParameter(name, "TIMESTAMP", value)
    rows = [
        bigquery.StructQueryParameter(
            None, *(bigquery.ScalarQueryParameter(column, "STRING", text) for column, text in row.items())
        )
        for row in value
    ]
    return bigquery.ArrayQueryParameter(name, "STRUCT", rows)


def _done(job: Any) -> bool:
    return bool(job.done(retry=None, timeout=CALL_SECONDS))
