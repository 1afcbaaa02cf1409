"""What a job's steps wrote into the bucket, brought to this machine in the form in which a laptop has it."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path, PurePosixPath

from ...core.errors import NotFoundError, StoreCorruptedError
from ..patience import Pace, Patience
from .bucket import Bucket, place_of

_DATASET = "system.Dataset"
_TABLE = "data.csv"
"""A dataset that a step writes is a folder with this file."""


def bring(uri: str, schema: str, into: Path, patience: Patience, pace: Pace | None, *, what: str) -> Path:
    """Download what lies at ``uri`` to be ``into``, all of it or nothing, unless it is there. Raises NotFoundError."""
    if into.exists():
        return into
    name, doing = place_of(uri)[1], f"fetch {what}"
    bucket = Bucket(place_of(uri)[0], pace)
    below = f"{name}/"
    found = [
        one for one in bucket.names(name, patience, doing=doing)
        if (one == name or one.startswith(below)) and not one.endswith("/")
    ]  # fmt: skip
    if schema == _DATASET and f"{below}{_TABLE}" in found:
        name, found = f"{below}{_TABLE}", [f"{below}{_TABLE}"]
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as top:
        came = Path(top) / "output"
        for one in found:
            path = came if one == name else came / _inside(one.removeprefix(below), bucket.uri)
            if not bucket.download(one, path, patience, doing=doing):
                raise _gone(what, f"{bucket.uri}/{one}")
        if not found:
            raise _gone(what, uri)
        with contextlib.suppress(FileExistsError):
            came.rename(into)
    return into


def place(uri: str, schema: str) -> str:
    """Where what lies at ``uri`` is: the file of a dataset, else what the URI says."""
    return f"{uri.rstrip('/')}/{_TABLE}" if schema == _DATASET else uri


def _gone(what: str, uri: str) -> NotFoundError:
    return NotFoundError(
        f"{what} is not at the cloud any more", where=uri, hint="groundplan run --force makes it anew."
    )


def _inside(name: str, where: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise StoreCorruptedError(f"the object {name} leads out of its folder", where=where)
    return name
