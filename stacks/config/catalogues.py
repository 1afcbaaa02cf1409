"""Finds a cloud's regions and machine sizes: plain data, no SDK."""

from __future__ import annotations

import importlib
from typing import Any


def regions(platform: str) -> Any:
    """The module that lists a cloud's regions: ``REGIONS``, ``WITHOUT_MACHINE_LEARNING``, ``AS_OF``."""
    return _module(platform, "regions")


def sizes(platform: str) -> Any:
    """The module that lists a cloud's machine sizes: ``SIZES``, ``AS_OF``."""
    return _module(platform, "sizes")


def _module(platform: str, name: str) -> Any:
    return importlib.import_module(f"...modules.{platform}.catalogue.{name}", __package__)
