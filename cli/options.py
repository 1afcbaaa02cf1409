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


def rules_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--rules`` and ``--trust-rules``, for commands that work with custom rules."""
    folders = click.option(
        "--rules", "rule_folders", multiple=True, metavar="DIR",
        help="Also your own rules in this folder, which are programs that run; can be repeated.  [default: none]",
    )  # fmt: skip
    trust = click.option(
        "--trust-rules", is_flag=True, help="Run the rules in the folders that groundplan.yaml names.  [default: off]"
    )
    return folders(trust(function))
