"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from .completing import environments


def environment_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``-e/--environment``, also as GROUNDPLAN_ENVIRONMENT; the shell completes the project's environments."""
    return click.option(
        "-e",
        "--environment",
        envvar="GROUNDPLAN_ENVIRONMENT",
        show_envvar=True,
        metavar="ENV",
        shell_complete=environments,
        help=help_text,
    )


def environments_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``-e/--environment``, any number of times; GROUNDPLAN_ENVIRONMENT takes names with spaces between them."""
    return click.option(
        "-e",
        "--environment",
        "environments",
        multiple=True,
        envvar="GROUNDPLAN_ENVIRONMENT",
        show_envvar=True,
        metavar="ENV",
        shell_complete=environments,
        help=help_text,
    )
