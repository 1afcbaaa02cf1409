"""Profiles: what is kept of a column of the training data, and a window's values counted by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from .contract.monitoring import FeatureProfile

Array = Any
"""A numpy array."""

BINS = 10
MAX_CATEGORIES = 100
SAMPLE = 2000
"""So many numbers of a column are kept for tests on samples."""

LEAST_OCCURRENCES = 5
"""A text that occurs less often is not kept: it may be a person's."""

_FEW_VALUES = 20
"""Numbers with no more different values get a bin for each."""


def numeric(name: str, values: Array, *, seed: int = 42) -> FeatureProfile:
    """The profile of numbers; NaN and infinities count as missing."""
    values = np.asarray(values, dtype=float)
    present = _finite(values)
    missing = 1 - len(present) / len(values) if len(values) else 0.0
    if not len(present):
        return FeatureProfile(name=name, kind="numeric", missing=missing)
    cuts: Array = _cuts(present)
    counts = np.bincount(cuts.searchsorted(present, side="left"), minlength=len(cuts) + 1)
    generator = np.random.default_rng([seed, *name.encode()])
    sample = present if len(present) <= SAMPLE else generator.choice(present, SAMPLE, replace=False)
    least, largest = float(present.min()), float(present.max())
    return FeatureProfile(
        name=name,
        kind="numeric",
        missing=missing,
        rows=len(present),
        edges=(min([least, *cuts.tolist()]), *cuts.tolist(), largest),
        shares=tuple((counts / len(present)).tolist()),
        sample=tuple(sorted(sample.tolist())),
        minimum=least,
        maximum=largest,
        deviation=float(present.std()),
        integer=bool((present == present.round()).all()),
    )


def categorical(name: str, counts: Mapping[str, int], rows: int, *, least: int = LEAST_OCCURRENCES) -> FeatureProfile:
    """The profile of texts that occur so often among ``rows``; what is not counted is missing."""
    present = sum(counts.values())
    listed = [one for one in Counter(counts).most_common(MAX_CATEGORIES) if one[1] >= least]
    shares = {value: count / present for value, count in sorted(listed)}
    return FeatureProfile(
        name=name,
        kind="categorical",
        missing=1 - present / rows if rows else 0.0,
        rows=present,
        categories=shares,
        other=max(0.0, 1 - sum(count for _, count in listed) / present) if present else 0.0,
    )


def counted(profile: FeatureProfile, numbers: Array | None, categories: Mapping[str, int]) -> Array:
    """A window's values by the profile's bins, or by its categories and all others."""
    if profile.kind == "numeric":
        cuts = np.array(profile.edges[1:-1])
        places = np.searchsorted(cuts, [] if numbers is None else numbers, side="left")
        return np.bincount(places, minlength=len(cuts) + 1)
    known = [categories.get(value, 0) for value in profile.categories]
    return np.array([*known, sum(categories.values()) - sum(known)])


def labels(profile: FeatureProfile) -> tuple[str, ...]:
    """The names of the bins or categories, in the order of ``counted``."""
    if profile.kind == "categorical":
        return (*profile.categories, "all others")
    cuts = [f"{cut:.4g}" for cut in profile.edges[1:-1]]
    if not cuts:
        return ("all",)
    between = [f"{low} to {high}" for low, high in pairwise(cuts)]
    return (f"up to {cuts[0]}", *between, f"over {cuts[-1]}")


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


def _cuts(present: Array) -> Array:
    """Where bins end: between few values, else where each bin holds as much as every other."""
    distinct = np.unique(present)
    if len(distinct) == 1:
        return np.array([np.nextafter(distinct[0], -np.inf), distinct[0]])
    if len(distinct) <= _FEW_VALUES:
        return (distinct[:-1] + distinct[1:]) / 2
    cuts = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1]))
    return cuts[cuts < distinct[-1]]
