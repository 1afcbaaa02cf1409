"""Loads optional dependencies when they are needed, and says which extra brings a missing one."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from .errors import MissingExtraError

_EXTRAS: dict[str, str] = {
    "alembic": "local",
    "azure": "azureml",
    "copier": "copier",
    "fairlearn": "local",
    "fastapi": "local",
    "google": "vertex",
    "mlflow": "local",
    "numpy": "local",
    "pandas": "local",
    "prometheus_client": "local",
    "scipy": "local",
    "sklearn": "local",
    "skops": "local",
    "sqlalchemy": "local",
    "uvicorn": "local",
}


def load(module: str) -> Any:
    """Import an optional dependency now; its type is Any because most of these ship no types.

    Raises MissingExtraError that names the extra to install.
    """
    _switch_off_telemetry()
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        if package not in _EXTRAS:
            raise
        raise _missing(package) from error


def demand(package: str) -> None:
    """Ask for an optional dependency before long work that needs it in the end. Raises MissingExtraError."""
    if importlib.util.find_spec(package) is None:
        raise _missing(package)


def _missing(package: str) -> MissingExtraError:
    extra = _EXTRAS[package]
    return MissingExtraError(
        f"{package} is not installed; this command needs the extra '{extra}'",
        hint=f"pip install 'groundplan[{extra}]'",
    )


def _switch_off_telemetry() -> None:
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
