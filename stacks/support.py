"""What platforms declare that they can do: of a model's life, and of what up makes; no SDK is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..modules.contract.support import PARTS, SAME, Support, lacking
from .platforms import CLOUDS, unsupported

PLATFORMS = ("local", *CLOUDS)

CAPABILITIES = (
    "workspace", "storage", "network", "identity", "compute", "registry", "features", "pipeline", "endpoint",
    "monitoring", "budget",
)  # fmt: skip
"""What up makes, by the words of the config."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part of a model's life or of what up makes, and how far each platform goes with it."""

    part: str
    kind: Literal["verb", "capability"]
    support: Mapping[str, Support]

    @property
    def differs(self) -> bool:
        """Whether it is not the same on one of the platforms."""
        return any(one.level != "same" for one in self.support.values())


def support(platform: str, part: str) -> Support:
    """How far a platform goes with one part of a model's life, such as ``rollout.shadow``."""
    found: Mapping[str, Support] = _module(platform).LIFECYCLE
    return found.get(part, SAME)


def most_mirrored(platform: str) -> int:
    """The largest share of the requests that a version can get a copy of there, in percent."""
    found: int = _module(platform).MOST_MIRRORED
    return found


def table(platforms: Sequence[str]) -> list[Row]:
    """Every part, those of a model's life first, held for each platform."""
    verbs = [Row(part=part, kind="verb", support={one: support(one, part) for one in platforms}) for part in PARTS]
    lacks = {one: unsupported(one) for one in platforms}
    named = {part for found in lacks.values() for part in found if part.partition(".")[0] in CAPABILITIES}
    parts = sorted(named | set(CAPABILITIES), key=lambda part: (CAPABILITIES.index(part.partition(".")[0]), part))
    return verbs + [
        Row(part=part, kind="capability", support={one: _lacking(lacks[one], part) for one in platforms})
        for part in parts
    ]


def _lacking(lacks: Mapping[str, str], part: str) -> Support:
    reason = lacks.get(part) or lacks.get(part.partition(".")[0])
    return SAME if reason is None else lacking(reason)


def _module(platform: str) -> Any:
    return importlib.import_module(f"..modules.{platform}.support", __package__)
