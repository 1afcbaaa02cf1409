"""The decorator that makes a function a command: common options, a session, a result that is written."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich_click import RichCommand, RichGroup

from ..core.errors import UsageError
from ..core.exit_codes import ExitCode
from ..core.suggestions import did_you_mean
from .output import Output, envelope
from .result import Result
from .session import Session

CommandFunction = Callable[..., Result]


class Group(RichGroup):
    """A command that has commands, such as ``runs``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with a suggestion for a name that is nearly one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(
                f"there is no command '{ctx.command_path} {args[0]}'. {did_you_mean(args[0], self.list_commands(ctx))}",
                ctx,
            ) from error


def group(name: str, *, help: str, examples: str) -> Group:
    """A command that only holds others; ``examples`` are lines that work as they stand."""
    return Group(
        name=name,
        help=_help(help, examples),
        context_settings=_SETTINGS,
        invoke_without_command=True,
        callback=_show_help,
    )


def _show_help() -> None:
    """What a group does when none of its commands is named."""
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def command(
    name: str, *, examples: str, parent: Group | None = None, formats: Mapping[str, str] | None = None
) -> Callable[[CommandFunction], click.Command]:
    """Make ``function(session, **parameters) -> Result`` a command; its docstring is the help text.

    Adds --format, -C, --quiet, --verbose and writes the result. ``examples`` are lines that work as they stand.
    ``formats`` are more ways of writing the result's text, each with what it is good for; the function then gets
    ``format``.
    """

    def decorate(function: CommandFunction) -> click.Command:
        @functools.wraps(function)
        def callback(**parameters: Any) -> None:
            context = click.get_current_context()
            session = _session(context, parameters, formats)
            _write(session, function(session, **parameters))

        parameters = [*reversed(getattr(function, "__click_params__", [])), *_common_options(formats or {})]
        made = RichCommand(
            name=name,
            callback=callback,
            params=parameters,
            help=_help(function.__doc__ or "", examples),
            context_settings=_SETTINGS,
        )
        if parent is not None:
            parent.add_command(made)
        return made

    return decorate


_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    "rich_help_config": {
        "theme": "default-slim",
        "text_paragraph_linebreaks": "\n\n",
        "padding_helptext_first_line": (0, 0, 1, 0),
    },
}


def _help(text: str, examples: str) -> str:
    lines = "\n".join(f"$ {line.strip()}" for line in examples.strip().splitlines())
    return f"{inspect.cleandoc(text)}\n\n\b\nExamples:\n{lines}"


def _common_options(formats: Mapping[str, str]) -> list[click.Parameter]:
    more = "".join(f"; {name}: {what}" for name, what in formats.items())
    return [
        click.Option(["--format"], type=click.Choice(["text", "json", *formats]), envvar="GROUNDPLAN_FORMAT",
                     default=None, help=f"Text for people (the default) or one JSON document{more}."),
        click.Option(["-C", "directory"], metavar="DIR", help="Work as if started in DIR."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Only the result and errors."),
        click.Option(["-v", "--verbose"], is_flag=True, help="Say more."),
    ]  # fmt: skip


def _session(context: click.Context, parameters: dict[str, Any], formats: Mapping[str, str] | None) -> Session:
    top: dict[str, Any] = context.find_root().params
    directory = parameters.pop("directory")
    if directory is not None:
        enter(directory)
    quiet = parameters.pop("quiet") or bool(top.get("quiet"))
    verbose = parameters.pop("verbose") or bool(top.get("verbose"))
    chosen = parameters.pop("format") or top.get("format") or "text"
    if formats is not None:
        parameters["format"] = chosen
    output = Output(
        format="json" if chosen == "json" else "text",
        verbosity=-1 if quiet else int(verbose),
        color=top.get("color") or "auto",
    )
    return Session(output=output, command=command_name(context))


def command_name(context: click.Context) -> str:
    """The command as it was typed, without the program's name: ``runs list``."""
    return " ".join(context.command_path.split()[1:])


def enter(directory: str) -> None:
    """Change to a folder, for -C. Raises UsageError."""
    try:
        os.chdir(Path(directory))
    except OSError as error:
        raise UsageError(
            f"cannot work in {directory!r}: {error.strerror}", hint="-C takes a folder that exists."
        ) from error


def _write(session: Session, result: Result) -> None:
    output = session.output
    if output.format == "json":
        ok = result.exit_code is ExitCode.DONE
        output.document(
            envelope(session.command, ok=ok, data=result.data, warnings=result.warnings, errors=result.errors,
                     next_commands=result.next)
        )  # fmt: skip
    else:
        for warning in result.warnings:
            output.warning(warning)
        result.text(output)
        for position, line in enumerate(result.next):
            output.message(f"{'next:' if position == 0 else '     '} {line}", "dim")
    if result.exit_code is not ExitCode.DONE:
        raise click.exceptions.Exit(int(result.exit_code))
