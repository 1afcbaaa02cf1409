"""docs/commands.md: every command's help, as the command prints it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest import mock

import click
from groundplan.cli.lazy import SECTIONS, entries
from groundplan.cli.main import groundplan
from rich_click import RichContext, RichHelpConfiguration

_PLAIN = RichHelpConfiguration(width=100, max_width=100, force_terminal=False, color_system=None)


def pages() -> dict[str, str]:
    """The page."""
    context = click.Context(groundplan, info_name="groundplan")
    known = entries()
    parts = ["# Commands", "", "Made by `make docs` from the commands themselves."]
    for section in SECTIONS:
        names = [entry.name for entry in known if entry.section == section]
        if names:
            parts += ["", f"## {section.capitalize()}"]
        for name in names:
            command = groundplan.get_command(context, name)
            assert command is not None
            for path, one in _walk(command, f"groundplan {name}"):
                parts += ["", f"### {path}", "", "```text", _help(one, path), "```"]
    return {"commands.md": "\n".join(parts) + "\n"}


def _walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            child = command.commands[name]
            yield from _walk(child, f"{path} {name}")


def _help(command: click.Command, path: str) -> str:
    """The help as it is without colour, 100 columns wide, also where the environment forces colour."""
    context = RichContext(command, info_name=path, rich_help_config=_PLAIN, max_content_width=100, color=False)
    with mock.patch.dict(os.environ, {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}):
        text = command.get_help(context)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
