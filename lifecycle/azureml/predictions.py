"""A request to an online endpoint, in the form in which Azure ML serves a model of MLflow."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ...core.errors import NotFoundError, ResourceFailedError
from . import errors
from .calls import Calls
from .places import last

_DOING = "ask the endpoint for predictions"
_REQUEST_ID = "x-request-id"
"""The header in which Azure ML says how it calls a request, in its log too."""


def predict(calls: Calls, resource: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    """The endpoint's answer; a bare list, as Azure ML gives it, under ``predictions``. Raises NotFoundError.

    The shares decide who answers: no deployment is named. ``request_id`` is what the request log calls it.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The SDK takes a request from a file alone.
        file = Path(folder) / "request.json"
        file.write_text(json.dumps({"input_data": _table(rows)}), encoding="utf-8")

        def act() -> str:
            return calls.of(resource).online_endpoints.invoke(endpoint_name=last(resource), request_file=str(file))

        said = calls.found(
            act, calls.looking(), doing=_DOING, resource=resource, role=errors.INVOKER, judge=errors.post_again
        )
    if said is None:
        raise NotFoundError(
            f"the endpoint {last(resource)} is gone, or nothing answers there",
            where=resource,
            hint="groundplan deploy puts a version on it.",
        )
    named = calls.headers.get(_REQUEST_ID)
    return {**_answer(said, resource), **({"request_id": named} if named else {})}


def _table(rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    data = [[row.get(name) for name in columns] for row in rows]
    return {"columns": columns, "index": list(range(len(rows))), "data": data}


def _answer(said: str, resource: str) -> Mapping[str, object]:
    try:
        answer: Any = json.loads(said)
    except ValueError as error:
        raise ResourceFailedError(f"the endpoint did not answer in JSON: {said[:200]}", where=resource) from error
    return cast("Mapping[str, object]", answer) if isinstance(answer, dict) else {"predictions": answer}
