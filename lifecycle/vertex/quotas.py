"""Quotas by the names under which a plan counts them, found in what Google lists of them.

Vertex AI's are metrics of Service Usage, found by their own or their shown name: ``custom_model_training_n2_cpus``,
``Custom model training CPUs for N2 machine types per region``. Compute Engine's are those of a region: ``N2_CPUS``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..contract.account import Quota

_COMPUTE_ENGINE = "Compute Engine "
_FAMILY = re.compile(r"(?P<purpose>.+) CPUs for (?P<series>\S+) machine types")
_COMMON = "N1/E2"
"""The series whose virtual CPUs count under a name without a series."""

_NOTHING: Mapping[str, float] = {}
_MEMORY = re.compile(r"(?<=h[12]00)( mega)? \d+gb")


def is_vertex(family: str) -> bool:
    """Whether Vertex AI counts it, and not Compute Engine."""
    return not family.startswith(_COMPUTE_ENGINE)


USAGE = (
    'metric.type = "serviceruntime.googleapis.com/quota/allocation/usage" AND resource.type = "consumer_quota" '
    'AND resource.labels.service = "aiplatform.googleapis.com" AND resource.labels.location = "{region}"'
)
"""What Cloud Monitoring is asked for: how much of Vertex AI's quotas in a region is in use."""


def in_use(series: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """By metric what was in use last: Cloud Monitoring gives the newest point first."""
    return {
        str(one["metric"]["labels"]["quota_metric"]): float(points[0]["value"]["int64Value"])
        for one in series
        if (points := one.get("points"))
    }


def of_vertex(
    metrics: Iterable[Mapping[str, Any]], region: str, families: Collection[str], used: Mapping[str, float] = _NOTHING
) -> dict[str, Quota]:
    """The limits of Vertex AI's families; ``used`` says by metric what is in use, which these lists do not."""
    wanted = {name: family for family in families if is_vertex(family) for name in _names(family)}
    found: dict[str, Quota] = {}
    for one in metrics:
        shown = (str(one.get("metric", "")).rpartition("/")[2], str(one.get("displayName", "")))
        family = next((wanted[name] for name in map(_plain, shown) if name in wanted), None)
        limit = None if family is None else _limit(one, region)
        if family is not None and limit is not None:
            found[family] = Quota(limit=limit, used=used.get(str(one.get("metric", ""))))
    return found


def of_compute(listed: Iterable[Mapping[str, Any]], families: Collection[str]) -> dict[str, Quota]:
    """The quotas of Compute Engine in a region."""
    by_name = {str(one["metric"]): one for one in listed}
    return {
        family: Quota(limit=float(one["limit"]), used=float(one["usage"]))
        for family in families
        if not is_vertex(family) and (one := by_name.get(_of_compute(family))) is not None
    }


def _names(family: str) -> Iterator[str]:
    yield _plain(family)
    found = _FAMILY.fullmatch(family)
    if found is not None:
        series = "" if found["series"] == _COMMON else f"{found['series']} "
        yield _plain(f"{found['purpose']} {series}CPUs")


def _plain(name: str) -> str:
    """A name without what differs between the ways in which Google writes it."""
    plain = name.lower().replace("_", " ").replace("nvidia tesla", "nvidia").removesuffix(" per region")
    return _MEMORY.sub(r"\1", plain)


def _of_compute(family: str) -> str:
    plain = family.removeprefix(_COMPUTE_ENGINE).removeprefix(f"{_COMMON} ")
    return plain.upper().replace("NVIDIA_TESLA_", "NVIDIA_").replace(" ", "_")


def _limit(metric: Mapping[str, Any], region: str) -> float | None:
    """The limit of the region, else the one of every region without its own; a negative one is none."""
    found: float | None = None
    for bucket in (one for limit in metric.get("consumerQuotaLimits", ()) for one in limit.get("quotaBuckets", ())):
        where: Mapping[str, str] = bucket.get("dimensions", {})
        if not where or where == {"region": region}:
            limit = float(bucket.get("effectiveLimit", 0))
            found = float("inf") if limit < 0 else limit
            if where:
                return found
    return found
