"""Files of this machine that a job reads, put at the cloud once: what is there already is told by its digest."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from ...core import digests
from ...core.errors import DataError
from ..contract.jobs import Upload
from . import datastores
from .calls import Calls

_PLACE = re.compile(r"azureml://datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")
_DIGEST = "groundplan_digest"
"""What is noted at a blob; names of metadata have no hyphens and no dots."""


def upload(calls: Calls, workspace: str, uploads: Sequence[Upload], *, seconds: float) -> None:
    """Put the files where they belong. Raises DataError for one that is gone, or changed since it was looked at."""
    for store, wanted in _by_store(uploads).items():
        container = datastores.container(calls, workspace, store, seconds=seconds)
        prefix = posixpath.commonpath([*wanted])
        there = container.metadata(prefix, doing=f"look for {prefix}")
        for path, one in wanted.items():
            if there.get(path, {}).get(_DIGEST) != one.digest:
                _demand(one)
                container.put(one.path, path, doing=f"upload {one.path.name}", metadata={_DIGEST: one.digest})


def _demand(one: Upload) -> None:
    if not one.path.is_file():
        raise DataError(f"{one.path.name} is not there", where=str(one.path))
    if digests.of_file(one.path) != one.digest:
        raise DataError(f"{one.path.name} changed meanwhile", where=str(one.path), hint="Run it again.")


def _by_store(uploads: Sequence[Upload]) -> Mapping[str, Mapping[str, Upload]]:
    """The files by datastore and by their path in its container."""
    found: dict[str, dict[str, Upload]] = {}
    for one in uploads:
        place = _PLACE.fullmatch(one.uri)
        if place is None:
            raise ValueError(f"no place in a datastore: {one.uri}")
        found.setdefault(place["store"], {})[place["path"]] = one
    return found
