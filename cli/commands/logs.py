"""Show what an endpoint's server or its requests left in the log."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import NotFoundError, UsageError
from .. import log_following
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.config.resolved import Resolved

SECTION = "model"


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
    resolved = session.config(environment)
    fetch, path = _log(session, resolved, endpoint, environment, requests=requests)
    last, end = _tail(path, lines)
    if follow:
        on_laptop = resolved.config.platform == "local"
        coming = log_following.of_file(path, end) if on_laptop else log_following.of_fetched(path, fetch)
        _follow(session.output, last, coming)
    data = {"path": str(path), "requests": requests, "lines": last}

    def text(output: Output) -> None:
        if not follow:
            _write(output, last)
        if not last:
            output.message(f"{path} is empty", "dim")

    return Result(data=data, text=text)


def _log(
    session: Session, resolved: Resolved, endpoint: str | None, environment: str | None, *, requests: bool
) -> tuple[Callable[[], Path], Path]:
    """What brings the log as it is now, and where it brought it."""
    from ..nouns import endpoint_settings

    endpoints = session.platform(resolved).endpoints
    name = endpoint_settings(resolved, endpoint).name
    read = endpoints.request_log if requests else endpoints.log
    for known in [environment] if environment else reversed(resolved.environment_names):
        try:
            return partial(read, name, known), read(name, known)
        except NotFoundError:
            if environment:
                raise
    raise NotFoundError(f"endpoint {name!r} is not deployed in any environment", hint=f"groundplan deploy {name}")


def _tail(path: Path, count: int) -> tuple[list[str], int]:
    """The last lines, and the byte after them."""
    try:
        with path.open("rb") as stream:
            last = deque((line.decode(errors="replace").rstrip("\n") for line in stream), maxlen=count)
            return list(last), stream.tell()
    except FileNotFoundError:
        return [], 0


def _follow(output: Output, last: list[str], coming: Iterator[str]) -> None:
    """Write lines as they come, at once also into a pipe; Ctrl-C is how this ends."""
    try:
        for line in chain(last, coming):
            _write(output, [line])
            sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _write(output: Output, lines: list[str]) -> None:
    for line in lines:
        output.line(line)
