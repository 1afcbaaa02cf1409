"""The data that a version learned from, as Azure ML's monitors read it: a table of its own in the endpoint's workspace.

In it are the features, and what is true under the name that the collected answers have: both sides must be alike.
"""

from __future__ import annotations

import csv
import hashlib
import re
import tempfile
from pathlib import Path

from ...core.errors import DataError
from ...core.extras import load
from ..contract.managed_monitors import ManagedWatch
from . import datastores, job_files
from .calls import Calls
from .monitor_definitions import ANSWERS
from .places import Workspace

_PLACE = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/workspaces/(?P<name>[^/]+)"
    r"/datastores/(?P<store>[^/]+)/paths/(?P<path>.+)",
    re.IGNORECASE,
)
_STORE = "artifacts"
_FILE = "data.csv"
_READING = f"""\
type: mltable
paths:
  - file: ./{_FILE}
transformations:
  - read_delimited:
      delimiter: ","
      encoding: utf8
      header: all_files_same_headers
      support_multi_line: true
"""
"""How the table is read: https://learn.microsoft.com/azure/machine-learning/reference-yaml-mltable."""


def name_of(watch: ManagedWatch) -> str:
    """The data asset and its version, which is of the data and its columns; empty where nothing is known of them."""
    if not (watch.training and watch.target):
        return ""
    told = "\n".join([watch.baseline.digest, watch.target, *_features(watch)])
    return f"{watch.baseline.model}-training:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def keep(calls: Calls, watch: ManagedWatch, *, seconds: float) -> None:
    """Make the data asset, unless it is there. Raises DataError for data that has no such column."""
    workspace = Workspace.of(watch.endpoint).id
    asset, _, version = name_of(watch).partition(":")
    data, doing = calls.of(workspace).data, f"list {asset} as a data asset"

    def look() -> object:
        return data.get(name=asset, version=version)

    if calls.found(look, calls.looking(), doing=doing, resource=workspace) is not None:
        return
    folder = f"monitoring/{asset}/{version}"
    _put(calls, watch, workspace, folder, seconds=seconds)
    entity = load("azure.ai.ml.entities").Data(
        name=asset,
        version=version,
        type="mltable",
        path=f"azureml://datastores/{_STORE}/paths/{folder}/",
        properties={"groundplan.digest": watch.baseline.digest, "groundplan.target": watch.target},
    )
    calls.found(lambda: data.create_or_update(entity), calls.looking(), doing=doing, resource=workspace)


def _put(calls: Calls, watch: ManagedWatch, workspace: str, folder: str, *, seconds: float) -> None:
    """The table and how it is read, written over what a killed command left."""
    what = "the training data"
    container = datastores.container(calls, workspace, _STORE, seconds=seconds)
    with tempfile.TemporaryDirectory() as top:
        home, place = _place(watch.training)
        came = job_files.fetch(calls, home, place, what=what, into=Path(top) / "came.csv", seconds=seconds)
        table, reading = Path(top) / _FILE, Path(top) / "MLTable"
        _table(came, table, watch)
        reading.write_text(_READING, encoding="utf-8")
        for one in (table, reading):
            container.put(one, f"{folder}/{one.name}", doing=f"keep {what} for monitors")


def _place(uri: str) -> tuple[str, job_files.Place]:
    """The workspace in which a file is, and where it is there."""
    found = _PLACE.fullmatch(uri)
    if found is None:
        raise ValueError(f"no place in a workspace's datastore: {uri}")
    workspace = (
        f"/subscriptions/{found['subscription']}/resourceGroups/{found['group']}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{found['name']}"
    )
    return workspace, job_files.Place(run="", store=found["store"], path=found["path"])


def _table(source: Path, to: Path, watch: ManagedWatch) -> None:
    """Copy of a CSV file what monitors may see: they refuse a table with other columns than inputs and answers have."""
    wanted = [*_features(watch), watch.target]
    with source.open(encoding="utf-8-sig", newline="") as read, to.open("w", encoding="utf-8", newline="") as written:
        rows = csv.reader(read)
        header = next(rows, list[str]())
        lacking = [one for one in wanted if header.count(one) != 1]
        if lacking or ANSWERS in wanted[:-1]:
            raise DataError(
                f"the training data has no single column {lacking[0]}" if lacking else f"a feature is called {ANSWERS}",
                where=watch.training,
                hint="Azure ML's monitors compare the features and what is true, called as the answers are.",
            )
        places = [header.index(one) for one in wanted]
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow([*wanted[:-1], ANSWERS])
        writer.writerows([row[place] if place < len(row) else "" for place in places] for row in rows if row)


def _features(watch: ManagedWatch) -> list[str]:
    return [one.name for one in watch.baseline.features]
