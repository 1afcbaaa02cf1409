"""Finds what groundplan knows of a platform's resource types."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from ...modules.contract.rules import TypeRules


@cache
def of_platform(platform: str) -> Mapping[str, TypeRules]:
    """The rules of all files in ``modules/<platform>/rules/`` by type token. Raises ValueError for one given twice."""
    package = importlib.import_module(f"...modules.{platform}.rules", __package__)
    found: dict[str, TypeRules] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        rules: Mapping[str, TypeRules] = importlib.import_module(f"{package.__name__}.{name}").RULES
        twice = sorted(found.keys() & rules.keys())
        if twice:
            raise ValueError(f"{package.__name__}.{name} repeats {', '.join(twice)}")
        found.update(rules)
    return found
