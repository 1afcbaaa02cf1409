"""Tables of BigQuery as data of a run: what one holds at a moment is copied to a file, which steps read as any other.

A table is read by time travel (https://cloud.google.com/bigquery/docs/time-travel), so that one that changes meanwhile
is the one of that moment; a query's result is written by an extract job, of at most one file of 1 GB
(https://cloud.google.com/bigquery/docs/exporting-data).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from ...core import clock
from ...core.errors import DataError, NotFoundError
from ...core.extras import load
from ..contract.jobs import Snapshot
from ..patience import Pace, Patience
from . import big_query
from .bucket import Bucket, place_of
from .calls import Calls
from .client import CALL_SECONDS

_TABLE = re.compile(r"bq://(?P<id>[\w-]+\.\w+\.[\w-]+)")
_NOW = "SELECT * FROM `{table}`"
_THEN = f"{_NOW} FOR SYSTEM_TIME AS OF @moment"
_COPY = "copy a table"
_RECENT = timedelta(days=1)
"""A dataset keeps what its tables were for two days at least."""
_INSTANT = timedelta(milliseconds=1)
"""BigQuery tells the last change of a table in whole milliseconds, so what it left is there one later."""
_TOO_LARGE = re.compile(r"too large to be exported to a single file", re.IGNORECASE)

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Tables of any project that the caller may read, for the money of ``project``."""

    project: str
    calls: Calls
    pace: Pace | None

    def snapshot(self, uri: str, folder: str, patience: Patience) -> Snapshot:
        """What a table holds now: by its last change, or for what tells of none by this moment alone.

        Raises NotFoundError for a table that is not there, DataError for what is no address of one.
        """
        id, table = _id(uri), self._described(uri, patience)
        still = table.table_type in ("TABLE", "SNAPSHOT") and table.streaming_buffer is None
        changed, now = table.modified, clock.now()
        travels = still and table.table_type == "TABLE" and now - changed < _RECENT
        stamp = (changed if still else now).strftime("%Y%m%dT%H%M%S%f")[:-3]
        return Snapshot(
            table=uri,
            uri=f"{folder}/{id}/{stamp}/{id.rpartition('.')[2]}.csv",
            version=clock.to_text(changed) if still else "",
            moment=clock.to_text(changed + _INSTANT) if travels else "",
        )

    def copy(self, one: Snapshot, patience: Patience) -> None:
        """Write a snapshot's file, unless it is there. Raises DataError where the table is another one meanwhile."""
        bucket, name = place_of(one.uri)
        if name in Bucket(bucket, self.pace).names(name, patience, doing=_COPY):
            return
        location = self._described(one.table, patience).location
        client = big_query.client(self.project, location)
        rows = self._ended(lambda: _query(client, one), one.table, patience)
        if one.version and not one.moment and self._changed(one.table, patience) != one.version:
            raise DataError("the table was changed while it was copied", where=one.table, hint="Run it again.")
        self._ended(lambda: _extract(client, rows.destination, one.uri, location), one.table, patience)

    def _changed(self, uri: str, patience: Patience) -> str:
        return clock.to_text(self._described(uri, patience).modified)

    def _described(self, uri: str, patience: Patience) -> Any:
        client, id = big_query.client(self.project, None), _id(uri)
        doing = "look at a table"
        return self._asked(lambda: client.get_table(id, retry=None, timeout=CALL_SECONDS), uri, patience, doing)

    def _ended(self, begin: Callable[[], Any], uri: str, patience: Patience) -> Any:
        """A job of BigQuery's at its end; one whose answer was lost is begun again, and does no harm."""
        job = self._asked(begin, uri, patience, _COPY)

        def act() -> None:
            patience.until(lambda: job.done(retry=None, timeout=CALL_SECONDS), doing=_COPY)
            failed = job.exception()
            if failed is not None:
                raise failed

        self._asked(act, uri, patience, _COPY)
        return job

    def _asked(self, act: Callable[[], _Answer], uri: str, patience: Patience, doing: str) -> _Answer:
        return self.calls.ask(lambda: _told(act, uri), patience, doing=doing, resource=uri)


def _query(client: Any, one: Snapshot) -> Any:
    bigquery = load("google.cloud.bigquery")
    moment = [bigquery.ScalarQueryParameter("moment", "TIMESTAMP", clock.from_text(one.moment))] if one.moment else []
    return client.query(
        (_THEN if moment else _NOW).format(table=_id(one.table)),
        job_config=bigquery.QueryJobConfig(query_parameters=moment),
        retry=None,
        job_retry=None,
        timeout=CALL_SECONDS,
    )


def _extract(client: Any, rows: Any, uri: str, location: str) -> Any:
    settings = load("google.cloud.bigquery").ExtractJobConfig(destination_format="CSV", print_header=True)
    return client.extract_table(rows, uri, location=location, job_config=settings, retry=None, timeout=CALL_SECONDS)


def _told(act: Callable[[], _Answer], uri: str) -> _Answer:
    """What a call gives. Raises NotFoundError and DataError for what is wrong with the table itself."""
    api = load("google.api_core.exceptions")
    try:
        return act()
    except api.NotFound as error:
        raise NotFoundError(
            f"there is no such table: {error.message}", where=uri, hint="Look at data.sources in groundplan.yaml."
        ) from error
    except api.GoogleAPICallError as error:
        if not _TOO_LARGE.search(str(error)):
            raise
        raise DataError(
            "the table is more than the 1 GB that BigQuery writes into one file",
            where=uri,
            hint="Name a smaller table, or a file of it by its own uri (gs://…).",
        ) from error


def _id(uri: str) -> str:
    """``project.dataset.table`` of an address. Raises DataError."""
    found = _TABLE.fullmatch(uri)
    if found is None:
        raise DataError("this is no address of a table", where=uri, hint="Write it as bq://PROJECT.DATASET.TABLE.")
    return found["id"]
