"""BigQuery's tables of the user: what they held at a moment, results of queries, and files that extract jobs write.

The rules: https://cloud.google.com/bigquery/docs/time-travel and exporting-data.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .google_storage import Buckets
from .http import Json, Request
from .vertex_words import refused

_SQL = re.compile(r"SELECT \* FROM `(?P<table>[\w-]+\.\w+\.[\w-]+)`(?P<past> FOR SYSTEM_TIME AS OF @moment)?")
_RESULTS = "_results"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = timedelta(days=2)
_LARGE = "Table {name} too large to be exported to a single file. Specify a uri including a * to shard export."

_Answers = Mapping[str, Callable[[Request], Json]]
Rows = Sequence[Mapping[str, object]]


@dataclass(kw_only=True)
class Table:
    """What a table held, by when it was written; ``streamed`` rows are not in its last change yet."""

    kind: str = "TABLE"
    held: list[tuple[datetime, Rows]] = field(default_factory=list[tuple[datetime, Rows]])
    streamed: bool = False


@dataclass(kw_only=True)
class _Job:
    reference: Json
    configuration: Json
    looks: int
    error: str = ""


@dataclass(kw_only=True)
class Tables:
    """Tables and the jobs that read them; ``looks`` is how long a job runs, ``largest`` what one file takes, in bytes.

    ``begun`` is told of each job that begins.
    """

    buckets: Buckets
    location: str = "europe-west4"
    content: dict[str, Table] = field(default_factory=dict[str, Table])
    looks: int = 1
    largest: int = 1_000_000
    begun: Callable[[Json], None] = lambda configuration: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _jobs: dict[str, _Job] = field(default_factory=dict[str, _Job])

    def clear(self) -> None:
        """No table, no job."""
        self.content.clear()
        self._jobs.clear()
        self.looks, self.largest = 1, 1_000_000
        self.begun = lambda configuration: None

    def write(self, id: str, rows: Rows, *, ago: timedelta = timedelta(), kind: str = "TABLE") -> None:
        """Let a table hold these rows since a while, and nothing else."""
        self.content.setdefault(id, Table(kind=kind)).held.append((self.now() - ago, rows))

    def beside(self, others: _Answers) -> dict[str, Callable[[Request], Json]]:
        """The answers about these tables, and to all else those of the others."""

        def insert(request: Request) -> Json:
            settings = request.body["configuration"]
            if "extract" in settings or _SQL.fullmatch(settings["query"]["query"]):
                return self._insert(request)
            return others["bigquery.jobs.insert"](request)

        def get(request: Request) -> Json:
            id = request.path.rpartition("/")[2]
            return self._get(id) if id in self._jobs else others["bigquery.jobs.get"](request)

        def described(request: Request) -> Json:
            known = ".".join(request.path.split("/")[4::2]) in self.content
            return self._described(request) if known else others["bigquery.tables.get"](request)

        return {"bigquery.tables.get": described, "bigquery.jobs.insert": insert, "bigquery.jobs.get": get}

    def _described(self, request: Request) -> Json:
        project, dataset, name = request.path.split("/")[4::2]
        table = self._table(f"{project}.{dataset}.{name}")
        changed, rows = table.held[-1]
        return {
            "kind": "bigquery#table", "id": f"{project}:{dataset}.{name}", "location": self.location,
            "tableReference": {"projectId": project, "datasetId": dataset, "tableId": name}, "type": table.kind,
            "lastModifiedTime": str((changed - _EPOCH) // timedelta(milliseconds=1)), "numRows": str(len(rows)),
            **({"streamingBuffer": {"estimatedRows": "1", "estimatedBytes": "10"}} if table.streamed else {}),
        }  # fmt: skip

    def _insert(self, request: Request) -> Json:
        reference, settings = request.body["jobReference"], request.body["configuration"]
        if reference.get("location", self.location) != self.location:
            raise refused("NOT_FOUND", f"Not found: nothing of it is in location {reference['location']}")
        self.begun(settings)
        job = _Job(reference={**reference, "location": self.location}, configuration=settings, looks=self.looks)
        if "extract" in settings:
            job.error = self._extract(settings["extract"])
        else:
            job.configuration = {"query": {**settings["query"], "destinationTable": self._query(reference, settings)}}
        self._jobs[reference["jobId"]] = job
        return _body(job)

    def _query(self, reference: Json, settings: Json) -> Json:
        """Where the rows of a query are; a table that no query but the caller's finds."""
        query = settings["query"]
        found = _SQL.fullmatch(query["query"])
        assert found is not None
        if query.get("useLegacySql") is not False:
            raise refused("INVALID_ARGUMENT", "the stand-in takes standard SQL alone")
        given: list[Json] = query.get("queryParameters", [])
        moments = [datetime.fromisoformat(one["parameterValue"]["value"]) for one in given]
        if bool(found["past"]) != bool(moments):
            raise refused("INVALID_ARGUMENT", "Query parameter 'moment' not found")
        rows = self._rows(found["table"], moments[0] if moments else None)
        id = f"{reference['projectId']}.{_RESULTS}.{reference['jobId'].replace('-', '_')}"
        self.content[id] = Table(held=[(self.now(), rows)])
        return dict(zip(("projectId", "datasetId", "tableId"), id.split("."), strict=True))

    def _rows(self, id: str, moment: datetime | None) -> Rows:
        table = self._table(id)
        if moment is None:
            return table.held[-1][1]
        if table.kind != "TABLE":
            raise refused("INVALID_ARGUMENT", f"FOR SYSTEM_TIME AS OF is not supported for {table.kind} {id}")
        if moment < self.now() - _KEPT or moment > self.now():
            raise refused("INVALID_ARGUMENT", f"Invalid time travel timestamp {moment} for table {id}")
        then = [rows for written, rows in table.held if written <= moment]
        if not then:
            raise refused(
                "INVALID_ARGUMENT", f"Invalid time travel timestamp {moment} for table {id}: it was not there"
            )
        return then[-1]

    def _extract(self, settings: Json) -> str:
        """Write the file, at once as a whole; why it cannot be."""
        source = settings["sourceTable"]
        id = f"{source['projectId']}.{source['datasetId']}.{source['tableId']}"
        (uri,) = settings["destinationUris"]
        rows = self._rows(id, None)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
        if settings.get("printHeader") is not False:
            writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().encode()
        if len(content) > self.largest:
            return _LARGE.format(name=id)
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        if bucket not in self.buckets.content:
            raise refused("NOT_FOUND", f"Not found: URI {uri}")
        self.buckets.put(bucket, name, content, type="text/csv")
        return ""

    def _get(self, id: str) -> Json:
        self._jobs[id].looks -= 1
        return _body(self._jobs[id])

    def _table(self, id: str) -> Table:
        if id not in self.content:
            project, dataset, name = id.split(".")
            raise refused("NOT_FOUND", f"Not found: Table {project}:{dataset}.{name}")
        return self.content[id]


def _body(job: _Job) -> Json:
    status: dict[str, Any] = {"state": "RUNNING" if job.looks > 0 else "DONE"}
    if job.error and job.looks <= 0:
        status["errorResult"] = {"reason": "invalid", "message": job.error}
    return {"id": f"{job.reference['projectId']}:{job.reference['jobId']}", "jobReference": job.reference,
            "configuration": job.configuration, "status": status}  # fmt: skip
