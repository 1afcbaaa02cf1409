"""Explain an error of the engine or of a cloud."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...core.errors import NotFoundError, UsageError
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.knowledge import Entry

SECTION = "help"


@make_command(
    "explain",
    examples="""
    groundplan explain AZURE_CORE_QUOTA
    groundplan explain "Soft-deleted workspace exists"
    groundplan explain
    """,
)
@click.argument("text", nargs=-1)
def command(session: Session, text: tuple[str, ...]) -> Result:
    """Explain an error of the engine or of a cloud: its cause, and the commands that help.

    TEXT is a message, a code from the list that the command shows without TEXT, or '-' for standard input.
    """
    words = " ".join(text)
    if not words:
        return _listing()
    return _result(_find(_standard_input(session) if words == "-" else words))


_LONGEST_CODE = 60


def _standard_input(session: Session) -> str:
    if session.interactive:
        session.output.message("paste the message, then Ctrl-D", "dim")
    message = sys.stdin.read()
    if not message.strip():
        raise UsageError("nothing came on standard input", hint="groundplan up 2>&1 | groundplan explain -")
    return message


def _find(message: str) -> Entry:
    from ...stacks.knowledge import entries, entry, explain

    is_word = len(message.split()) == 1 and len(message) <= _LONGEST_CODE
    if is_word and message.strip().upper() in {one.code for one in entries()}:
        return entry(message)
    found = explain(message)
    if found is not None:
        return found
    if is_word:
        near = [one.code for one in entries() if message.upper() in one.code.split("_")]
        if near:
            raise NotFoundError(
                f"{len(near)} entries are about {message!r}: {', '.join(near)}", hint=f"groundplan explain {near[0]}"
            )
        return entry(message)
    raise NotFoundError(
        "no entry knows this message",
        hint="Give the line that says 'error:', or look through the list: groundplan explain",
    )


def _listing() -> Result:
    from ...stacks.knowledge import entries

    known = entries()
    width = max(len(one.code) for one in known)

    def text(output: Output) -> None:
        for one in known:
            output.line(f"{one.code:{width}}  {one.title}")

    return Result(
        data={"entries": [{"code": one.code, "title": one.title, "platforms": list(one.platforms)} for one in known]},
        text=text,
        next=["groundplan explain CODE"],
    )


def _result(found: Entry) -> Result:
    def text(output: Output) -> None:
        output.line(f"{found.code}: {found.title}", "bold")
        output.line(f"cause: {found.cause}")
        output.line("what helps:")
        for step in found.steps:
            output.line(f"  $ {step}" if step in found.commands else f"  {step}")
        output.line(f"source: {found.source}", "dim")

    return Result(
        data={
            "code": found.code,
            "title": found.title,
            "cause": found.cause,
            "steps": list(found.steps),
            "commands": list(found.commands),
            "platforms": list(found.platforms),
            "source": found.source,
        },
        text=text,
    )
