"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from .completing import environments, stacks

_Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def environment_option(help_text: str, *, complete: _Completion = environments) -> _Decorator:
    """``-e/--environment``, also as GROUNDPLAN_ENVIRONMENT; the shell completes the project's environments."""
    return click.option(
        "-e",
        "--environment",
        envvar="GROUNDPLAN_ENVIRONMENT",
        show_envvar=True,
        metavar="ENV",
        shell_complete=complete,
        help=help_text,
    )


def environments_option(help_text: str) -> _Decorator:
    """``-e/--environment``, any number of times, for the stacks of a cloud, which the shell completes.

    GROUNDPLAN_ENVIRONMENT takes names with spaces between them.
    """
    return click.option(
        "-e",
        "--environment",
        "environments",
        multiple=True,
        envvar="GROUNDPLAN_ENVIRONMENT",
        show_envvar=True,
        metavar="ENV",
        shell_complete=stacks,
        help=help_text,
    )
