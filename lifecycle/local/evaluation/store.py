"""Keeps evidence under a key made of everything that decides it, so that nothing is measured twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ....core import clock, digests, files
from ....core.errors import StoreCorruptedError
from ....core.layout import Layout
from ...contract.evidence import Evidence
from ...contract.rubric import Rubric
from .requests import Profile

_AHEAD = timedelta(minutes=5)


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
    try:
        record = files.read_json(_path(layout, key))
        if record["key"] != key or record["digest"] != digests.of_value(record["evidence"]):
            return None
        return from_json(record["evidence"])
    except (FileNotFoundError, StoreCorruptedError, KeyError, ValidationError):
        return None


def write(layout: Layout, key: str, evidence: Evidence) -> None:
    """Keep evidence under a key, whole or not at all."""
    value: Any = json.loads(json.dumps(to_json(evidence)))
    files.write_json(_path(layout, key), {"key": key, "digest": digests.of_value(value), "evidence": value})


def read_profile(layout: Layout, model_digest: str) -> Profile | None:
    """What a model learned from, kept under the model's digest; None where there is none, or it was changed."""
    try:
        record = files.read_json(_profile(layout, model_digest))
        if record["digest"] != digests.of_value(record["profile"]):
            return None
        return TypeAdapter(Profile).validate_python(record["profile"])
    except (FileNotFoundError, StoreCorruptedError, KeyError, ValidationError):
        return None


def write_profile(layout: Layout, model_digest: str, profile: Profile) -> None:
    """Keep what a model learned from."""
    value: Any = json.loads(TypeAdapter(Profile).dump_json(profile))
    files.write_json(_profile(layout, model_digest), {"digest": digests.of_value(value), "profile": value})


def is_fresh(evidence: Evidence, rubrics: Iterable[Rubric], now: datetime) -> bool:
    """Whether the evidence is young enough for each rubric, and not from the future."""
    age = now - clock.from_text(evidence.made)
    oldest = min((rubric.max_age_seconds for rubric in rubrics), default=0)
    return -_AHEAD <= age <= timedelta(seconds=oldest)


def _profile(layout: Layout, model_digest: str) -> Path:
    return layout.registry / "profiles" / f"{model_digest.rpartition(':')[2]}.json"


def _path(layout: Layout, key: str) -> Path:
    return folder(layout) / f"{key.rpartition(':')[2]}.json"
