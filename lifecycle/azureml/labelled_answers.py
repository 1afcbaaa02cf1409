"""The labelled answers of a version as Azure ML's model performance monitor reads them: two data assets, one id a row.

Answers are lines in the layout of the data collector, in the hour in which their label came, so that a label that is
late is judged too, and once. What was true is a table of JSON lines with the id and the value alone. Each file says the
digest of its content, so that the same labels are written once, and what a kill left is made whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ...core import clock
from ...core.errors import NotFoundError
from ...core.extras import load
from ..contract.managed_monitors import LabelledAnswer, ManagedWatch
from . import datastores
from .blobs import Container
from .calls import Calls
from .deployments import name_of as deployment_of
from .monitor_definitions import days
from .performance import ANSWER, ID, TRUTH, VERSION, assets
from .places import Workspace, last

_STORE = "artifacts"
_DIGEST: Final = "digest"
_HOUR = "%Y/%m/%d/%H"
_READING = """\
type: mltable
paths:
  - file: ./labels.jsonl
transformations:
  - read_json_lines:
      encoding: utf8
      invalid_lines: error
"""
"""How the table is read: https://learn.microsoft.com/azure/machine-learning/reference-yaml-mltable."""


def of(watch: ManagedWatch) -> Sequence[LabelledAnswer]:
    """Those that a run can look back at, by when their labels came, and a day more; what is no value is left out."""
    usable = (one for one in watch.labelled() if None not in (_value(watch, one.answer), _value(watch, one.label)))
    found = sorted(usable, key=lambda one: (one.when, one.request_id, one.row))
    if not found:
        return ()
    since = clock.from_text(found[-1].when) - timedelta(days=days(watch.plan) + 1)
    return [one for one in found if clock.from_text(one.when) > since]


def within(watch: ManagedWatch, began: datetime) -> int:
    """How many a run looked at that began then: it takes whole hours."""
    since = (began - timedelta(days=days(watch.plan))).replace(minute=0, second=0, microsecond=0)
    return sum(1 for one in of(watch) if since <= clock.from_text(one.when) <= began)


def keep(calls: Calls, watch: ManagedWatch, answers: Sequence[LabelledAnswer], *, seconds: float) -> None:
    """Write what is not there yet, and see that both data assets are."""
    workspace = Workspace.of(watch.endpoint).id
    container = datastores.container(calls, workspace, _STORE, seconds=seconds)
    top = _top(watch.endpoint, watch.version)
    _write(container, top, _files(watch, answers))
    names = assets(watch.endpoint, watch.version)
    for name, kind, folder in zip(names, ("uri_folder", "mltable"), ("answers", "labels"), strict=True):
        _list(calls, workspace, name, kind, f"azureml://datastores/{_STORE}/paths/{top}{folder}/")


def clear(calls: Calls, endpoint: str, version: int, *, seconds: float) -> None:
    """Leave nothing in the files of a version."""
    with contextlib.suppress(NotFoundError):  # the datastore is gone
        container = datastores.container(calls, Workspace.of(endpoint).id, _STORE, seconds=seconds)
        _write(container, _top(endpoint, version), {})


def _files(watch: ManagedWatch, answers: Sequence[LabelledAnswer]) -> Mapping[str, str]:
    """Every file by its name, first what was true: an answer without it is only left out."""
    hours: dict[str, list[Any]] = {}
    for one in answers:
        line = {"correlationid": one.request_id, "data": [{ANSWER: _value(watch, one.answer), ID: _id(one)}]}
        hours.setdefault(f"{clock.in_utc(clock.from_text(one.when)):{_HOUR}}", []).append(line)
    truths = [{ID: _id(one), TRUTH: _value(watch, one.label)} for one in answers]
    found = {"labels/labels.jsonl": _lines(truths), "labels/MLTable": _READING}
    return {**found, **{f"answers/{hour}/answers.jsonl": _lines(lines) for hour, lines in hours.items()}}


def _write(container: Container, top: str, wanted: Mapping[str, str]) -> None:
    """Put the files that are not so already; what is wanted no more becomes empty, as nobody may delete here."""
    doing = "keep labelled answers for monitors"
    there = container.metadata(top, doing=doing)
    gone = {name.removeprefix(top): "" for name in there if name.removeprefix(top) not in wanted}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for name, text in {**wanted, **gone}.items():
            content = text.encode()
            digest = hashlib.sha256(content).hexdigest()
            if there.get(f"{top}{name}", {}).get(_DIGEST) != digest:
                path.write_bytes(content)
                container.put(path, f"{top}{name}", doing=doing, metadata={_DIGEST: digest})


def _list(calls: Calls, workspace: str, name: str, kind: str, path: str) -> None:
    data, doing = calls.of(workspace).data, f"list {name} as a data asset"

    def look() -> object:
        return data.get(name=name, version=VERSION)

    if calls.found(look, calls.looking(), doing=doing, resource=workspace) is None:
        entity = load("azure.ai.ml.entities").Data(name=name, version=VERSION, type=kind, path=path)
        calls.found(lambda: data.create_or_update(entity), calls.looking(), doing=doing, resource=workspace)


def _id(one: LabelledAnswer) -> str:
    return f"{one.request_id}_{one.row}"


def _value(watch: ManagedWatch, value: Any) -> object:
    """A class as text, alike on both sides; a number of a regression as one. None for what is neither."""
    if watch.plan.task != "regression":
        whole = isinstance(value, float) and value.is_integer()
        return None if isinstance(value, dict | list | None) else str(int(value) if whole else value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _top(endpoint: str, version: int) -> str:
    return f"monitoring/{last(endpoint)}/{deployment_of(version)}/"


def _lines(lines: Sequence[object]) -> str:
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines)
