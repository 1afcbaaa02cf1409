"""Ask an endpoint for predictions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ...core.errors import NotFoundError, UsageError
from ...core.layout import Layout
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
    groundplan predict -e production --data - < rows.jsonl""",
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
def command(
    session: Session,
    endpoint: str | None,
    environment: str | None,
    data: str | None,
    text: str | None,
    limit: int | None,
) -> Result:
    """Ask an endpoint for predictions over HTTP.

    Without data it sends a row of the project's own and shows what the true value was.
    """
    if data is not None and text is not None:
        raise UsageError("--data and --json exclude each other", hint="Give one of them.")
    resolved = session.config(environment)
    endpoints = session.platform(resolved).endpoints
    deployment = _deployment(resolved, endpoints, endpoint, environment)
    rows = _rows(resolved, endpoints, deployment, data, text, limit)
    answer = _ask(endpoints, deployment, rows.rows)
    return _result(deployment, rows, answer)


def _deployment(resolved: Resolved, endpoints: Endpoints, endpoint: str | None, environment: str | None) -> Deployment:
    from ..nouns import endpoint_settings

    name = endpoint_settings(resolved, endpoint).name
    if environment is not None:
        return endpoints.deployment(name, environment)
    for known in reversed(resolved.environment_names):
        try:
            return endpoints.deployment(name, known)
        except NotFoundError:
            continue
    raise NotFoundError(f"endpoint {name!r} is not deployed in any environment", hint=f"groundplan deploy {name}")


def _rows(
    resolved: Resolved, endpoints: Endpoints, deployment: Deployment, data: str | None, text: str | None,
    limit: int | None,
) -> Rows:  # fmt: skip
    from ..rows import Rows, decode, from_csv, from_json, looks_like_json, read_file

    if text is not None:
        return Rows(rows=from_json(text, "--json")[:limit])
    name = "standard input" if data == "-" else data
    if data is None:
        path = _project_data(resolved)
        name, limit = path.name, limit or 1
        content = read_file(path)
    else:
        content = sys.stdin.buffer.read() if data == "-" else read_file(Path(data))
    decoded = decode(content, str(name))
    if looks_like_json(decoded):
        return Rows(rows=from_json(decoded, str(name))[:limit])
    schema = cast("Mapping[str, Any]", endpoints.row_schema(deployment))
    target = _target(resolved, deployment)
    return from_csv(decoded, str(name), schema, target=target, limit=limit)


def _project_data(resolved: Resolved) -> Path:
    from ...lifecycle.local.data.sources import materialize
    from ...stacks.pipelines import data_source

    path, _ = materialize(data_source(resolved, None), Layout(resolved.root))
    if path.suffix.lower() == ".parquet":
        raise UsageError(f"cannot take a sample of {path.name}", hint="Give rows with --data FILE.csv or --json TEXT.")
    return path


def _target(resolved: Resolved, deployment: Deployment) -> str:
    model = resolved.config.models.get(deployment.served.name)
    return (model.target if model is not None else None) or resolved.config.data.target


def _ask(endpoints: Endpoints, deployment: Deployment, rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """The answers for all rows, in batches that the endpoint takes."""
    size = deployment.settings.max_batch_rows
    whole: dict[str, Any] = {}
    for start in range(0, len(rows), size):
        answer = endpoints.predict(deployment, rows[start : start + size])
        if not whole:
            whole = dict(answer)
            continue
        for key in ("predictions", "probabilities"):
            if key in whole:
                whole[key] += cast("list[object]", answer[key])
    return whole


def _result(deployment: Deployment, rows: Rows, answer: Mapping[str, Any]) -> Result:
    predictions: list[object] = answer["predictions"]
    probabilities: list[dict[str, float]] | None = answer.get("probabilities")
    model = answer["model"]

    def text(output: Output) -> None:
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
        version = "one of several versions" if model["version"] is None else f"version {model['version']}"
        output.message(f"{model['name']} {version} at {deployment.url}", "dim")

    data = {
        "endpoint": deployment.settings.name,
        "environment": deployment.settings.environment,
        "url": deployment.url,
        "model": model["name"],
        "version": model["version"],
        "request_id": answer.get("request_id"),
        "predictions": predictions,
        "probabilities": probabilities,
        "actual": list(rows.actual) or None,
        "inputs": [dict(row) for row in rows.rows],
    }
    left_out = f"columns that the model does not take were left out: {', '.join(rows.left_out)}"
    return Result(data=data, text=text, warnings=[left_out] if rows.left_out else [], next=["groundplan status"])


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
