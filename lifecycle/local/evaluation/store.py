"""Keeps evidence under a key made of everything that decides it, so that nothing is measured twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ....core import clock, digests, files
from ....core.errors import StoreCorruptedError
from ....core.layout import Layout
from ...contract.evidence import Comparison, Evidence
from ...contract.rubric import Rubric
from .requests import Profile

_AHEAD = timedelta(minutes=5)
_Kept = TypeVar("_Kept")


def folder(layout: Layout) -> Path:
    """Where evidence is kept: one JSON file for each key."""
    return layout.registry / "evidence"


def to_json(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain JSON values."""
    return TypeAdapter(Evidence).dump_python(evidence, mode="json")


def from_json(value: object) -> Evidence:
    """Evidence from the values that ``to_json`` gave. Raises ValueError for anything else."""
    return TypeAdapter(Evidence).validate_python(value)


def read(layout: Layout, key: str) -> Evidence | None:
    """The evidence under a key; None when there is none, or when its file was damaged or changed."""
    return _read(_path(layout, key), "evidence", Evidence, key)


def write(layout: Layout, key: str, evidence: Evidence) -> None:
    """Keep evidence under a key, whole or not at all."""
    _write(_path(layout, key), "evidence", evidence, key)


def read_comparison(layout: Layout, key: str) -> Comparison | None:
    """How two models compare, kept under a key; None as ``read``."""
    return _read(_comparison(layout, key), "comparison", Comparison, key)


def write_comparison(layout: Layout, key: str, comparison: Comparison) -> None:
    """Keep how two models compare."""
    _write(_comparison(layout, key), "comparison", comparison, key)


def read_profile(layout: Layout, model_digest: str) -> Profile | None:
    """What a model learned from, kept under the model's digest; None where there is none, or it was changed."""
    return _read(_profile(layout, model_digest), "profile", Profile, model_digest)


def write_profile(layout: Layout, model_digest: str, profile: Profile) -> None:
    """Keep what a model learned from."""
    _write(_profile(layout, model_digest), "profile", profile, model_digest)


def is_fresh(evidence: Evidence, rubrics: Iterable[Rubric], now: datetime) -> bool:
    """Whether the evidence is young enough for each rubric, and not from the future."""
    age = now - clock.from_text(evidence.made)
    oldest = min((rubric.max_age_seconds for rubric in rubrics), default=0)
    return -_AHEAD <= age <= timedelta(seconds=oldest)


def _read(path: Path, name: str, kind: type[_Kept], key: str) -> _Kept | None:
    try:
        record = files.read_json(path)
        if record["key"] != key or record["digest"] != digests.of_value(record[name]):
            return None
        return TypeAdapter(kind).validate_python(record[name])
    except (FileNotFoundError, StoreCorruptedError, KeyError, ValidationError):
        return None


def _write(path: Path, name: str, kept: object, key: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(type(kept))
    value: Any = json.loads(adapter.dump_json(kept))
    files.write_json(path, {"key": key, "digest": digests.of_value(value), name: value})


def _path(layout: Layout, key: str) -> Path:
    return folder(layout) / _file(key)


def _comparison(layout: Layout, key: str) -> Path:
    return layout.registry / "comparisons" / _file(key)


def _profile(layout: Layout, model_digest: str) -> Path:
    return layout.registry / "profiles" / _file(model_digest)


def _file(key: str) -> str:
    return f"{key.rpartition(':')[2]}.json"
