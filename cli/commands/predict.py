"""Ask an endpoint for predictions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ...core.errors import NotFoundError, UsageError
from ...core.layout import Layout
from .. import batches, predictions_file
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.deployment import Deployment
    from ...lifecycle.contract.platform import Endpoints
    from ...stacks.config.resolved import Resolved
    from ..rows import Rows

SECTION = "model"


@make(
    "predict",
    examples="""groundplan predict
    groundplan predict --data customers.csv --limit 5
    groundplan predict -e production --data - < rows.jsonl
    groundplan predict nightly --data customers.csv --out predictions.csv""",
)
@click.argument("endpoint", required=False)
@environment_option("Ask the endpoint of this environment.  [default: the furthest that is deployed]")
@click.option(
    "--data",
    metavar="FILE",
    help="CSV, JSON or JSON lines; - reads standard input.  [default: a sample of the project's data]",
)
@click.option("--json", "text", metavar="TEXT", help="An object, or a list of objects, as JSON.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most this many rows.  [default: all of --data and --json, 1 of the project's data]",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write rows and predictions to a file: CSV where it ends in .csv, else JSON lines.  [default: shown]",
)
def command(
    session: Session,
    endpoint: str | None,
    environment: str | None,
    data: str | None,
    text: str | None,
    limit: int | None,
    out: Path | None,
) -> Result:
    """Ask an endpoint for predictions over HTTP, or a batch endpoint of a cloud by a job.

    Without data it sends a row of the project's own and shows what the true value was. A job is waited for; Ctrl-C
    cancels it, and after any other end the same command goes on with it.
    """
    if data is not None and text is not None:
        raise UsageError("--data and --json exclude each other", hint="Give one of them.")
    from ..nouns import endpoint_settings

    resolved = session.config(environment)
    platform = session.platform(resolved)
    settings = endpoint_settings(resolved, endpoint)
    given = _Given(resolved=resolved, data=data, text=text, limit=limit)
    if batches.works(settings, platform):
        working = batches.deployment(platform, resolved, settings.name, environment)
        rows = given.rows(working.served.name, lambda: batches.row_schema(platform, working))
        answer = batches.predict(session, platform, working, rows)
        where = {"endpoint": working.endpoint, "environment": working.environment, "url": None}
    else:
        endpoints = platform.endpoints
        deployment = _deployment(resolved, endpoints, settings.name, environment)
        rows = given.rows(deployment.served.name, lambda: endpoints.row_schema(deployment))
        answer = _ask(endpoints, deployment, rows.rows)
        at = deployment.settings
        where = {"endpoint": at.name, "environment": at.environment, "url": deployment.url}
    return _result(where, rows, answer, out)


def _deployment(resolved: Resolved, endpoints: Endpoints, name: str, environment: str | None) -> Deployment:
    if environment is not None:
        return endpoints.deployment(name, environment)
    for known in reversed(resolved.environment_names):
        try:
            return endpoints.deployment(name, known)
        except NotFoundError:
            continue
    raise NotFoundError(f"endpoint {name!r} is not deployed in any environment", hint=f"groundplan deploy {name}")


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What was given as data."""

    resolved: Resolved
    data: str | None
    text: str | None
    limit: int | None

    def rows(self, model: str, schema: Callable[[], Mapping[str, object]]) -> Rows:
        """The rows for a model; what its columns are is asked only where they are needed."""
        from ..rows import Rows, decode, from_csv, from_json, looks_like_json, read_file

        limit = self.limit
        if self.text is not None:
            return Rows(rows=from_json(self.text, "--json")[:limit])
        name = "standard input" if self.data == "-" else self.data
        if self.data is None:
            path = _project_data(self.resolved)
            name, limit = path.name, limit or 1
            content = read_file(path)
        else:
            content = sys.stdin.buffer.read() if self.data == "-" else read_file(Path(self.data))
        decoded = decode(content, str(name))
        if looks_like_json(decoded):
            return Rows(rows=from_json(decoded, str(name))[:limit])
        columns = cast("Mapping[str, Any]", schema())
        return from_csv(decoded, str(name), columns, target=_target(self.resolved, model), limit=limit)


def _project_data(resolved: Resolved) -> Path:
    from ...lifecycle.local.data.sources import materialize
    from ...stacks.pipelines import data_source

    path, _ = materialize(data_source(resolved, None), Layout(resolved.root))
    if path.suffix.lower() == ".parquet":
        raise UsageError(f"cannot take a sample of {path.name}", hint="Give rows with --data FILE.csv or --json TEXT.")
    return path


def _target(resolved: Resolved, name: str) -> str:
    model = resolved.config.models.get(name)
    return (model.target if model is not None else None) or resolved.config.data.target


def _ask(endpoints: Endpoints, deployment: Deployment, rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """The answers for all rows, in batches that the endpoint takes; ``requests`` says which rows each was asked for."""
    size = deployment.settings.max_batch_rows
    whole: dict[str, Any] = {}
    requests: list[dict[str, object]] = []
    for start in range(0, len(rows), size):
        asked = rows[start : start + size]
        answer = endpoints.predict(deployment, asked)
        requests.append({"request_id": answer.get("request_id"), "first_row": start + 1, "rows": len(asked)})
        if not whole:
            whole = {**answer, "requests": requests}
            continue
        for key in ("predictions", "probabilities"):
            if key in whole:
                whole[key] += cast("list[object]", answer[key])
    return whole


def _result(where: Mapping[str, object], rows: Rows, answer: Mapping[str, Any], out: Path | None) -> Result:
    predictions: list[object] = answer["predictions"]
    probabilities: list[dict[str, float]] | None = answer.get("probabilities")
    model = answer["model"]
    requests: list[dict[str, Any]] = answer.get("requests", [])

    if out is not None:
        predictions_file.write(out, rows.rows, predictions, probabilities)

    def text(output: Output) -> None:
        if out is not None:
            output.line(f"{len(predictions)} predictions are in {out}", "good")
        else:
            table(output)
        version = "one of several versions" if model["version"] is None else f"version {model['version']}"
        where_asked, *more = _asked(requests)
        output.message(f"{model['name']} {version} at {where['url'] or where['endpoint']}{where_asked}", "dim")
        for line in more:
            output.message(line, "dim")

    def table(output: Output) -> None:
        columns = ["row", "prediction"]
        cells = [[str(number), _shown(value)] for number, value in enumerate(predictions, start=1)]
        if probabilities is not None:
            columns.append("probability")
            for row, value, shares in zip(cells, predictions, probabilities, strict=True):
                row.append(f"{shares.get(str(value), max(shares.values())):.3f}")
        if rows.actual:
            columns.append("actual")
            for row, value in zip(cells, rows.actual, strict=True):
                row.append(_shown(value))
        output.table(columns, cells)

    data = {
        **where,
        "model": model["name"],
        "version": model["version"],
        "request_id": answer.get("request_id"),
        "requests": requests,
        "predictions": predictions,
        "probabilities": probabilities,
        "actual": list(rows.actual) or None,
        "inputs": [dict(row) for row in rows.rows],
        "out": None if out is None else str(out),
    }
    left_out = f"columns that the model does not take were left out: {', '.join(rows.left_out)}"
    return Result(data=data, text=text, warnings=[left_out] if rows.left_out else [], next=["groundplan status"])


def _asked(requests: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids by which the log knows the requests and ``groundplan feedback`` takes labels; none of a job."""
    if len(requests) == 1 and requests[0]["request_id"]:
        return [f", request {requests[0]['request_id']}"]
    lines = [
        f"rows {one['first_row']} to {one['first_row'] + one['rows'] - 1}: request {one['request_id']}"
        for one in requests
        if one["request_id"]
    ]
    return [f", {len(requests)} requests" if lines else "", *lines]


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
