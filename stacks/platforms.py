"""Finds a platform's components by the noun they provision: one noun, one file, one class."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from ..core.errors import MissingExtraError

CLOUDS = ("azureml", "vertex")
"""The platforms that Pulumi provisions."""


def component(platform: str, noun: str) -> Any:
    """The component class of a noun, such as ``Endpoint`` of ``endpoint``. Raises MissingExtraError without the SDK."""
    return getattr(module(platform, noun), noun.capitalize())


def module(platform: str, name: str) -> Any:
    """A file of a platform. Raises MissingExtraError when the platform's SDK is not installed."""
    try:
        return importlib.import_module(f"..modules.{platform}.{name}", __package__)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("groundplan"):
            raise
        raise MissingExtraError(
            f"platform {platform} needs the package {error.name}, which is not installed",
            hint=f"pip install 'groundplan[{platform}]'",
        ) from error


def unsupported(platform: str) -> Mapping[str, str]:
    """The capabilities that a platform lacks, and the parts of others (``capability.part``), each with the reason."""
    found: Mapping[str, str] = importlib.import_module(f"..modules.{platform}", __package__).UNSUPPORTED
    return found
