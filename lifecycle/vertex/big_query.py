"""A question to BigQuery, as a job of the caller's own, and its rows, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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


@dataclass(frozen=True, kw_only=True)
class BigQuery:
    """A table, asked in its region and for its project's money; ``page`` is the most rows in an answer."""

    table: str
    region: str
    pace: Pace
    page: int = 5000

    @property
    def uri(self) -> str:
        """Its address."""
        return f"bq://{self.table}"

    def rows(self, sql: str, moments: Mapping[str, datetime], *, doing: str) -> Iterator[Any]:
        """The rows, in the order that the question asks for; none where the table is not there yet.

        The SDK's own tries are switched off: they do not wait as the service asks.
        """
        job = self._asked(lambda: self._begin(sql, moments), doing)
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

    def _begin(self, sql: str, moments: Mapping[str, datetime]) -> Any:
        bigquery = load("google.cloud.bigquery")
        parameters = [bigquery.ScalarQueryParameter(name, "TIMESTAMP", moment) for name, moment in moments.items()]
        return self._client(bigquery).query(
            sql, job_config=bigquery.QueryJobConfig(query_parameters=parameters), retry=None, job_retry=None,
            timeout=CALL_SECONDS,
        )  # fmt: skip

    def _client(self, bigquery: Any) -> Any:
        address = address_of("bigquery", "bigquery.googleapis.com").partition("/bigquery/")[0]
        return bigquery.Client(
            project=self.table.partition(".")[0], location=self.region, credentials=signed_in(),
            client_options={"api_endpoint": address},
        )  # fmt: skip

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


def _done(job: Any) -> bool:
    return bool(job.done(retry=None, timeout=CALL_SECONDS))
