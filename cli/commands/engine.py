"""Get the Pulumi engine, which clouds need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ...core.errors import NotFoundError
from ..command import command as make_command
from ..command import group
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "start"

_HOW = {
    "found": "there already",
    "official": "installed by Pulumi's own installer",
    "go": "built from the Go module registry",
}

command = group(
    "engine",
    help="Get the Pulumi engine. Clouds need it; the laptop works without.",
    examples="""
    groundplan engine install
    """,
)


@make_command(
    "install",
    parent=command,
    examples="""
    groundplan engine install
    groundplan engine install --from go
    groundplan engine install --format json
    """,
)
@click.option(
    "--from", "way", type=click.Choice(["auto", "official", "go"]), default="auto", envvar="GROUNDPLAN_ENGINE_FROM",
    help="Pulumi's installer, or the Go module registry with Go.  [default: auto, the first that works]",
)  # fmt: skip
def install(session: Session, way: Any) -> Result:
    """Find an engine of a version that fits; without one run Pulumi's own installer, else build it with Go.

    Says what it does before it does it. What it gets is put into a folder of your own, groundplan finds it there,
    and no shell's settings are changed. Works outside a project too.
    """
    from ...stacks.engine.installing import install as get

    done = get(_root(session), way=way, tell=session.output.message)
    engine = done.engine

    def text(output: Output) -> None:
        output.fields([("engine", f"pulumi {engine.version}"), ("path", str(engine.path)), ("source", _HOW[done.how])])

    return Result(
        data={"path": str(engine.path), "version": engine.version, "found_in": engine.source, "how": done.how},
        text=text,
        next=["groundplan doctor"],
    )


def _root(session: Session) -> Path | None:
    from ...stacks.config.reading import find

    try:
        return find(session.folder).parent
    except NotFoundError:
        return None
