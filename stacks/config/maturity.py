"""What each maturity adds to the defaults, as data. docs/maturity.md is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .config import Maturity

ENVIRONMENTS: Mapping[Maturity, tuple[str, ...]] = {
    "foundation": ("dev", "prod"),
    "automation": ("dev", "staging", "prod"),
    "optimization": ("dev", "staging", "prod"),
}
"""The environments of a config that names none, in the order in which a model passes them."""

NEEDS_APPROVAL: frozenset[Maturity] = frozenset({"automation", "optimization"})
"""Where the last of several environments needs a named person's yes, unless it says ``approval`` itself."""

_AUTOMATION: dict[str, Any] = {
    "evaluation": {"champion": {"margin": -0.01}},
    "monitoring": {"enabled": True},
}

DEFAULTS: Mapping[Maturity, dict[str, Any]] = {
    "foundation": {},
    "automation": _AUTOMATION,
    "optimization": {
        "evaluation": {"champion": {"margin": 0.0}, "max_age": "7d"},
        "monitoring": {"enabled": True},
        "retraining": {"on_drift": True},
    },
}
"""Values that stand in for the defaults of the sections."""

THRESHOLDS: Mapping[str, dict[str, dict[str, float]]] = {
    "classification": {"accuracy": {"min": 0.7}},
    "regression": {"r2": {"min": 0.3}},
}
"""From automation on: what a model must show at least, by task, in a project whose models have one task."""


def defaults(maturity: Maturity, task: object) -> dict[str, Any]:
    """The values that a maturity picks for a project whose models all have this task."""
    picked = DEFAULTS[maturity]
    if maturity == "foundation" or not isinstance(task, str) or task not in THRESHOLDS:
        return picked
    return {**picked, "evaluation": {**picked["evaluation"], "metrics": THRESHOLDS[task]}}
