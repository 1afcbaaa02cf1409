"""A click group that lists a folder of commands by reading their first lines, and imports one when it is called."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from ..core.suggestions import did_you_mean

SECTIONS = ("start", "infrastructure", "model", "checks", "help")
"""The sections of the help, in the order of a user's day."""

_COMMANDS = Path(__file__).parent / "commands"
_SUMMARY = re.compile(r'\A"""(?P<summary>.+?)\.?(?:"""|\n)')
_SECTION = re.compile(r'^SECTION = "(?P<section>[a-z]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A command as its file's first lines describe it."""

    name: str
    summary: str
    section: str


def entries() -> tuple[Entry, ...]:
    """All commands, sorted by name. Raises RuntimeError that names a file of a wrong shape."""
    return tuple(sorted(_read_entries(), key=lambda entry: entry.name))


def _read_entries() -> Iterator[Entry]:
    for path in _COMMANDS.glob("[a-z]*.py"):
        text = path.read_text(encoding="utf-8")
        summary, section = _SUMMARY.match(text), _SECTION.search(text)
        if summary is None or section is None or section["section"] not in SECTIONS:
            raise RuntimeError(
                f"{path}: a command file starts with a one-line docstring and sets SECTION to one of {SECTIONS}"
            )
        yield Entry(path.stem.replace("_", "-"), summary["summary"], section["section"])


class LazyGroup(click.Group):
    """The top of the command line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, without importing any."""
        return [entry.name for entry in entries()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f".commands.{cmd_name.replace('-', '_')}", __package__)
        command: object = getattr(module, "command", None)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__file__}: a command file sets 'command' to a click command")
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands and options, without importing any command."""
        commands = [CompletionItem(entry.name, help=entry.summary) for entry in entries()]
        return [
            *(item for item in commands if item.value.startswith(incomplete)),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with a suggestion for a name that is nearly one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no command {args[0]!r}. {hint}".rstrip(), ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by section."""
        known = entries()
        for section in SECTIONS:
            rows = [(entry.name, entry.summary) for entry in known if entry.section == section]
            if rows:
                with formatter.section(section.capitalize()):
                    formatter.write_dl(rows)
