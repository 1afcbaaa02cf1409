"""Show what an endpoint's server or its requests left in the log."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from ...core.errors import NotFoundError, UsageError
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "model"

_POLL_SECONDS = 0.2


@make(
    "logs",
    examples="""groundplan logs
    groundplan logs --requests --lines 100
    groundplan logs churn -e production --follow""",
)
@click.argument("endpoint", required=False)
@environment_option("The endpoint of this environment.  [default: the furthest that is deployed]")
@click.option("--requests", is_flag=True, help="The request log (JSON lines) instead of the server's own.")
@click.option("--follow", is_flag=True, help="Go on as lines come, until Ctrl-C.")
@click.option(
    "--lines", type=click.IntRange(min=0), default=20, show_default=True, metavar="N", help="How many to show."
)
def command(
    session: Session, endpoint: str | None, environment: str | None, requests: bool, follow: bool, lines: int
) -> Result:
    """Show the last lines of an endpoint's log."""
    if follow and session.output.format == "json":
        raise UsageError("--follow has no end that a JSON document could have", hint="Leave out --format json.")
    path = _path(session, endpoint, environment, requests=requests, follow=follow)
    last, end = _tail(path, lines)
    if follow:
        _follow(session.output, path, last, end)
    data = {"path": str(path), "requests": requests, "lines": last}

    def text(output: Output) -> None:
        if not follow:
            _write(output, last)
        if not last:
            output.message(f"{path} is empty", "dim")

    return Result(data=data, text=text)


def _path(session: Session, endpoint: str | None, environment: str | None, *, requests: bool, follow: bool) -> Path:
    from ..nouns import endpoint_settings

    resolved = session.config(environment)
    if follow and resolved.config.platform != "local":
        raise UsageError(
            f"--follow works on the laptop only: the log is fetched from {resolved.config.platform} once",
            hint="groundplan logs shows what the containers wrote last.",
        )
    endpoints = session.platform(resolved).endpoints
    name = endpoint_settings(resolved, endpoint).name
    read = endpoints.request_log if requests else endpoints.log
    if environment is not None:
        return read(name, environment)
    for known in reversed(resolved.environment_names):
        try:
            return read(name, known)
        except NotFoundError:
            continue
    raise NotFoundError(f"endpoint {name!r} is not deployed in any environment", hint=f"groundplan deploy {name}")


def _tail(path: Path, count: int) -> tuple[list[str], int]:
    """The last lines, and the byte after them."""
    try:
        with path.open("rb") as stream:
            last = deque((line.decode(errors="replace").rstrip("\n") for line in stream), maxlen=count)
            return list(last), stream.tell()
    except FileNotFoundError:
        return [], 0


def _follow(output: Output, path: Path, last: list[str], end: int) -> None:
    """Write lines as they come, at once also into a pipe; Ctrl-C is how this ends."""
    try:
        for line in chain(last, _new_lines(path, end)):
            _write(output, [line])
            sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _new_lines(path: Path, position: int) -> Iterator[str]:
    pending = b""
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:  # rotated: begin the new file
            position, pending = 0, b""
        if size > position:
            with path.open("rb") as stream:
                stream.seek(position)
                content = pending + stream.read(size - position)
            position = size
            *lines, pending = content.split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
        time.sleep(_POLL_SECONDS)


def _write(output: Output, lines: list[str]) -> None:
    for line in lines:
        output.line(line)
